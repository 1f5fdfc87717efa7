import { IconLock } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import { Page } from '../../parts/Page'
import { Empty } from '../../parts/states'
import { TabLinks } from '../../parts/TabLinks'
import { useSession } from '../../shell/useSession'

const tabs = [
  { id: 'about', label: 'About', to: '/settings' },
  { id: 'you', label: 'You', to: '/settings/you' },
  { id: 'users', label: 'Users', to: '/settings/users', owner: true },
  { id: 'tokens', label: 'Tokens', to: '/settings/tokens', owner: true },
  { id: 'keys', label: 'Integration keys', to: '/settings/keys' },
  { id: 'audit', label: 'Audit trail', to: '/settings/audit', owner: true },
  { id: 'retention', label: 'Retention', to: '/settings/retention' },
  { id: 'security', label: 'Security', to: '/settings/security' },
  { id: 'workspace', label: 'Export and apply', to: '/settings/workspace' },
]

interface Props {
  active: string
  actions?: ReactNode
  full?: boolean
  children: ReactNode
}

/** A page of the settings. What only owners may see says so to others. */
export function SettingsFrame({ active, actions, full = false, children }: Props) {
  const session = useSession()
  const owner = session.state === 'in' && session.isOwner
  const closed = !owner && tabs.some((t) => t.id === active && t.owner === true)
  return (
    <Page title="Settings" full={full} actions={closed ? undefined : actions} tabs={<TabLinks label="Settings" active={active} tabs={tabs.filter((t) => owner || t.owner !== true || t.id === active)} />}>
      {closed ? (
        <div className="card">
          <Empty icon={<IconLock size={28} stroke={1.4} />} title="Only an owner may see this">Users, tokens and the audit trail belong to owners. Ask one of them for what you need.</Empty>
        </div>
      ) : (
        children
      )}
    </Page>
  )
}
