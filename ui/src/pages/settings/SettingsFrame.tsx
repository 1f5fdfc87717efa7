import type { ReactNode } from 'react'

import { Page } from '../../parts/Page'
import { TabLinks } from '../../parts/TabLinks'
import { useSession } from '../../shell/useSession'

export function SettingsFrame({ active, actions, children }: { active: string; actions?: ReactNode; children: ReactNode }) {
  const session = useSession()
  const owner = session.state === 'in' && session.isOwner
  return (
    <Page
      title="Settings"
      actions={actions}
      tabs={
        <TabLinks
          label="Settings"
          active={active}
          tabs={[
            { id: 'about', label: 'About', to: '/settings' },
            ...(owner ? [{ id: 'users', label: 'Users', to: '/settings/users' }, { id: 'tokens', label: 'Tokens', to: '/settings/tokens' }, { id: 'audit', label: 'Audit trail', to: '/settings/audit' }] : []),
            { id: 'workspace', label: 'Export and apply', to: '/settings/workspace' },
          ]}
        />
      }
    >
      {children}
    </Page>
  )
}
