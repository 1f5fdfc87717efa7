import { Switch } from '@mantine/core'
import type { ReactNode } from 'react'

import { patchDestination, useChange, useDestination } from '../../api/workspace'
import { Page } from '../../parts/Page'
import { TabLinks } from '../../parts/TabLinks'
import { useChoice } from '../../parts/useChoice'
import { useCanChange } from '../../shell/useSession'

/** The head of a destination's pages: its name, its switch, its tabs. */
export function DestinationFrame({ slug, active, actions, children }: { slug: string; active: string; actions?: ReactNode; children: ReactNode }) {
  const destination = useDestination(slug)
  const can = useCanChange()
  const turn = useChange((enabled: boolean) => patchDestination(slug, { enabled }), (_, enabled) => (enabled ? 'The destination is on' : 'The destination is off; nothing is owed while it is'))
  const d = destination.data
  const on = useChoice({ value: d?.enabled ?? false, version: d?.revision ?? 0 }, turn.mutateAsync)
  const base = `/destinations/${encodeURIComponent(slug)}`
  return (
    <Page
      title={d?.name ?? slug}
      crumbs={[{ label: 'My destinations', to: '/destinations' }]}
      badge={
        d && (
          <Switch
            checked={on.value}
            disabled={!can}
            onChange={(e) => on.choose(e.currentTarget.checked)}
            label={on.value ? 'On' : 'Off'}
            aria-label="Destination is on"
          />
        )
      }
      actions={actions}
      tabs={
        <TabLinks
          label="Destination"
          active={active}
          tabs={[
            { id: 'overview', label: 'Overview', to: base },
            { id: 'mappings', label: 'Mappings', to: `${base}/mappings`, ...(d ? { note: d.mappings.length } : {}) },
            { id: 'filters', label: 'Filters', to: `${base}/filters`, ...(d ? { note: d.filters.length } : {}) },
            { id: 'attempts', label: 'Attempts', to: `${base}/attempts` },
            { id: 'settings', label: 'Settings', to: `${base}/settings` },
          ]}
        />
      }
    >
      {children}
    </Page>
  )
}
