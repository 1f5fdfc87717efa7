import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import { downloadCsv, type Query } from '../../api/analytics'
import { tellProblem, useApps } from '../../api/workspace'
import { Page } from '../../parts/Page'
import { TabLinks } from '../../parts/TabLinks'

/** The head of an app's pages. */
export function AppFrame({ app, active, title, crumbs = [], badge, actions, children }: { app: string; active: string; title?: string; crumbs?: { label: string; to: string }[]; badge?: ReactNode; actions?: ReactNode; children: ReactNode }) {
  const apps = useApps()
  const name = apps.data?.find((a) => a.slug === app)?.name ?? app
  const base = `/apps/${encodeURIComponent(app)}`
  return (
    <Page
      title={title ?? name}
      crumbs={[{ label: 'Apps', to: '/apps' }, ...(title === undefined ? [] : [{ label: name, to: base }]), ...crumbs]}
      badge={badge}
      actions={actions}
      tabs={
        title === undefined && (
          <TabLinks
            label="App"
            active={active}
            tabs={[
              { id: 'details', label: 'App Details', to: base },
              { id: 'raw', label: 'Raw Events', to: `${base}/raw` },
              { id: 'events', label: 'Track Events', to: `${base}/events` },
              { id: 'explore', label: 'Explorer', to: `${base}/explore` },
              { id: 'visitors', label: 'Visitors', to: `${base}/visitors` },
              { id: 'accounts', label: 'Accounts', to: `${base}/accounts` },
              { id: 'dictionary', label: 'Dictionary', to: `${base}/dictionary` },
              { id: 'quality', label: 'Quality', to: `${base}/quality` },
            ]}
          />
        )
      }
    >
      {children}
    </Page>
  )
}

/** Takes a table away as CSV. */
export function Csv({ app, path, query = {}, name }: { app: string; path: string; query?: Query; name: string }) {
  return (
    <Button variant="default" leftSection={<IconDownload size={14} />} onClick={() => void downloadCsv(app, path, query, name).catch(tellProblem)}>
      CSV
    </Button>
  )
}
