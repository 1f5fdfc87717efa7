import { json } from '@codemirror/lang-json'
import { useComputedColorScheme } from '@mantine/core'
import CodeMirror, { EditorView } from '@uiw/react-codemirror'

export interface EditorProps {
  value: string
  onChange: (text: string) => void
  label: string
  height?: string
  readOnly?: boolean
}

const look = EditorView.theme({
  '&': { fontSize: '12.5px', backgroundColor: 'var(--sunken)', border: '1px solid var(--line)', borderRadius: '6px', overflow: 'hidden' },
  '.cm-content': { fontFamily: 'var(--mono)' },
  '.cm-gutters': { backgroundColor: 'transparent', border: 'none', color: 'var(--muted)' },
  '&.cm-focused': { outline: '2px solid var(--accent)' },
})


/** JSON to be written. */
export default function CodeEditor({ value, onChange, label, height = '260px', readOnly = false }: EditorProps) {
  const scheme = useComputedColorScheme('light')
  return <CodeMirror value={value} height={height} theme={scheme} readOnly={readOnly} extensions={[json(), look, EditorView.lineWrapping, EditorView.contentAttributes.of({ 'aria-label': label })]} basicSetup={{ foldGutter: true, highlightActiveLine: false, autocompletion: false }} onChange={onChange} />
}
