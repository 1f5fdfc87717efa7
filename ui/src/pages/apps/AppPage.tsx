import { SegmentedControl } from '@mantine/core'
import { IconApps } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link, useParams } from 'react-router'

import { useApp } from '../../api/analytics'
import { Problem } from '../../api/client'
import type { App } from '../../api/workspace'
import { Page } from '../../parts/Page'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { TabLinks } from '../../parts/TabLinks'
import { spansAndAll } from '../../lib/days'

export function appBase(slug: string): string {
  return `/apps/${encodeURIComponent(slug)}`
}

function tabsOf(slug: string) {
  const base = appBase(slug)
  return [
    { id: 'overview', label: 'Overview', to: base },
    { id: 'received', label: 'Raw events', to: `${base}/received` },
    { id: 'events', label: 'Track Events', to: `${base}/events` },
    { id: 'explore', label: 'Explorer', to: `${base}/explore` },
    { id: 'visitors', label: 'Visitors', to: `${base}/visitors` },
    { id: 'accounts', label: 'Accounts', to: `${base}/accounts` },
    { id: 'dictionary', label: 'Dictionary', to: `${base}/dictionary` },
    { id: 'quality', label: 'Quality', to: `${base}/quality` },
    { id: 'settings', label: 'Settings', to: `${base}/settings` },
  ]
}

interface Props {
  active: string
  /** Of a page below a tab: what it shows, and what it is called. */
  below?: { title: string; badge?: ReactNode }
  actions?: ReactNode
  full?: boolean
  children: (app: App) => ReactNode
}

/** A page of an app of the receiving side: where it stands, and the tabs. */
export function AppPage({ active, below, actions, full = false, children }: Props) {
  const { app: slug = '' } = useParams()
  const app = useApp(slug)
  const tabs = tabsOf(slug)
  const name = app.data?.name ?? slug
  const tab = tabs.find((t) => t.id === active)
  const crumbs = [{ label: 'Apps', to: '/apps' }, ...(below ? [{ label: name, to: appBase(slug) }, { label: tab?.label ?? '', to: tab?.to ?? '' }] : [])]
  return (
    <Page title={below?.title ?? name} crumbs={crumbs} badge={below?.badge} actions={actions} full={full} tabs={below ? undefined : <TabLinks label="App" active={active} tabs={tabs} />}>
      {app.data !== undefined ? (
        children(app.data)
      ) : app.error instanceof Problem && app.error.status === 404 ? (
        <div className="card">
          <Empty icon={<IconApps size={30} stroke={1.4} />} title={`There is no app ${slug}`} action={<Link to="/apps">See the apps</Link>}>
            It may have been deleted, or its address may be mistyped.
          </Empty>
        </div>
      ) : app.error !== null ? (
        <ProblemBox error={app.error} retry={() => void app.refetch()} />
      ) : (
        <Bones rows={8} />
      )}
    </Page>
  )
}

/** Which time a page shows. */
export function SpanPick({ value, onChange, all = true }: { value: string; onChange: (span: string) => void; all?: boolean }) {
  return <SegmentedControl aria-label="Time" data={all ? spansAndAll : spansAndAll.slice(0, -1)} value={value} onChange={onChange} />
}
