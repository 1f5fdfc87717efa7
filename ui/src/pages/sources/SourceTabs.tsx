import { TabLinks } from '../../parts/TabLinks'

export function SourceTabs({ source, active }: { source: string; active: string }) {
  const base = `/sources/${encodeURIComponent(source)}`
  return (
    <TabLinks
      label="Source"
      active={active}
      tabs={[
        { id: 'overview', label: 'Overview', to: base },
        { id: 'debugger', label: 'Debugger', to: `${base}/debugger` },
        { id: 'setup', label: 'Setup', to: `${base}/setup` },
        { id: 'settings', label: 'Settings', to: `${base}/settings` },
      ]}
    />
  )
}
