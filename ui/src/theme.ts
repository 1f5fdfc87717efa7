import { Button, createTheme, type CSSVariablesResolver, Input, type MantineColorsTuple, NumberInput, PasswordInput, SegmentedControl, Select, Switch, Table, Tabs, Textarea, TextInput, Tooltip } from '@mantine/core'

const water: MantineColorsTuple = ['#e9f4fd', '#d2e7fa', '#a5cff4', '#74b5ee', '#4a9de8', '#2c8be2', '#1879d3', '#0b69bd', '#075ba6', '#044d8f']
const slate: MantineColorsTuple = ['#f7f8fa', '#eff1f4', '#e3e7ec', '#cfd5dd', '#aab3bf', '#7f8a99', '#5a6575', '#434d5b', '#2b333f', '#1a212b']
const night: MantineColorsTuple = ['#e2e7ee', '#bfc8d4', '#98a4b3', '#6f7c8d', '#3a4452', '#29313c', '#1e252e', '#161b22', '#11161c', '#0c1015']

/** What closes a dialog has no text of its own. Dialogs are named here, and not imported: the first page has none. */
const closable = { closeButtonProps: { 'aria-label': 'Close' } }

export const theme = createTheme({
  primaryColor: 'water',
  primaryShade: { light: 7, dark: 7 },
  colors: { water, gray: slate, dark: night },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  defaultRadius: 'sm',
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  headings: { fontWeight: '600', sizes: { h1: { fontSize: '1.25rem', lineHeight: '1.4' }, h2: { fontSize: '1rem', lineHeight: '1.4' }, h3: { fontSize: '0.875rem', lineHeight: '1.4' } } },
  focusRing: 'auto',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: Button.extend({ defaultProps: { size: 'xs' } }),
    Input: Input.extend({ defaultProps: { size: 'sm' } }),
    TextInput: TextInput.extend({ defaultProps: { size: 'sm' } }),
    Textarea: Textarea.extend({ defaultProps: { size: 'sm' } }),
    NumberInput: NumberInput.extend({ defaultProps: { size: 'sm' } }),
    PasswordInput: PasswordInput.extend({ defaultProps: { size: 'sm' } }),
    Select: Select.extend({ defaultProps: { size: 'sm', checkIconPosition: 'right' } }),
    Switch: Switch.extend({ defaultProps: { size: 'sm' } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: 'xs' } }),
    Modal: { defaultProps: closable },
    Drawer: { defaultProps: closable },
    Tabs: Tabs.extend({ defaultProps: { keepMounted: false } }),
    Table: Table.extend({ defaultProps: { verticalSpacing: 7, horizontalSpacing: 'sm' } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, withArrow: true, multiline: true, maw: 340, events: { hover: true, focus: true, touch: true } } }),
  },
})

/** The surfaces and the colors of states, for both schemes. Text on a surface, and a state's color on its soft ground, have a contrast of at least 4.5. */
export const variables: CSSVariablesResolver = () => ({
  variables: { '--mono': 'var(--mantine-font-family-monospace)' },
  light: {
    '--ground': '#f6f7f9', '--surface': '#ffffff', '--raised': '#ffffff', '--sunken': '#f3f5f7', '--line': '#e2e6eb', '--line-strong': '#cbd2da',
    '--text': '#1a212b', '--muted': '#566171', '--accent': '#0b69bd', '--accent-soft': '#e9f4fd',
    '--ok': '#13703f', '--ok-soft': '#e4f5eb', '--ok-line': '#34a56b',
    '--warn': '#8a5300', '--warn-soft': '#fdf1dc', '--warn-line': '#e09a2b',
    '--bad': '#b3261e', '--bad-soft': '#fdeae8', '--bad-line': '#e0564c',
    '--idle': '#566171', '--idle-soft': '#eef0f3', '--idle-line': '#aab3bf',
    '--mantine-color-body': '#ffffff', '--mantine-color-dimmed': '#566171', '--mantine-color-text': '#1a212b', '--mantine-color-default-border': '#cbd2da', '--mantine-color-placeholder': '#6b7684', '--mantine-color-anchor': '#0b69bd', '--mantine-color-error': '#b3261e',
  },
  dark: {
    '--ground': '#0f1318', '--surface': '#161b22', '--raised': '#1c232c', '--sunken': '#11161c', '--line': '#272f3a', '--line-strong': '#3a4452',
    '--text': '#e2e7ee', '--muted': '#98a4b3', '--accent': '#6cb6f5', '--accent-soft': '#14293d',
    '--ok': '#5fce94', '--ok-soft': '#12291e', '--ok-line': '#2f9a63',
    '--warn': '#ecb357', '--warn-soft': '#2e2310', '--warn-line': '#b97f22',
    '--bad': '#f58b82', '--bad-soft': '#341a18', '--bad-line': '#cc4f45',
    '--idle': '#98a4b3', '--idle-soft': '#212934', '--idle-line': '#55616f',
    '--mantine-color-body': '#161b22', '--mantine-color-dimmed': '#98a4b3', '--mantine-color-text': '#e2e7ee', '--mantine-color-default-border': '#3a4452', '--mantine-color-placeholder': '#8592a2', '--mantine-color-anchor': '#6cb6f5', '--mantine-color-error': '#f58b82',
  },
})
