import { lazy, Suspense } from 'react'

import type { EditorProps } from './CodeEditor'

const CodeEditor = lazy(() => import('./CodeEditor'))

/** An editor of JSON, in a room that is kept while its code is loaded. */
export function JsonEditor(props: EditorProps) {
  const height = props.height ?? '260px'
  return (
    <div style={{ minHeight: height }}>
      <Suspense fallback={<div className="bone" style={{ height }} />}>
        <CodeEditor {...props} />
      </Suspense>
    </div>
  )
}
