import { IconRotate } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'

import { client, unwrap } from '../../api/client'
import { useChange } from '../../api/workspace'
import { plural } from '../../lib/format'
import { Confirm } from '../../parts/Confirm'
import { Card, Pill } from '../../parts/small'
import { Loaded } from '../../parts/states'
import { useSession } from '../../shell/useSession'
import { SettingsFrame } from './SettingsFrame'

/** Where destinations may reach, and the key that seals secrets. */
export function Security() {
  const session = useSession()
  const owner = session.state === 'in' && session.isOwner
  return (
    <SettingsFrame active="security">
      <div className="stack" style={{ maxWidth: 760 }}>
        <Egress />
        {owner ? <Sealing /> : <Card title="Secrets"><p className="muted small">Secrets are sealed on the disk. Only an owner sees the state of their key, and may replace it.</p></Card>}
      </div>
    </SettingsFrame>
  )
}

function Egress() {
  const server = useQuery({ queryKey: ['server'], queryFn: async () => (await unwrap(client.GET('/api/server'))).data })
  return (
    <Card title="Networks that destinations may reach">
      <Loaded query={server}>
        {(s) => {
          const value = (name: string) => s.settings.find((x) => x.name === name)?.value.split(',').filter((v) => v !== '') ?? []
          const allowed = value('egress-allow')
          return (
            <div className="stack">
              <p className="small">Destinations may reach every public address. Private ones, among them this machine and the metadata services of clouds, are refused, unless they are listed here:</p>
              <div className="row wrap">{allowed.length === 0 ? <Pill tone="ok" dot>no private network is allowed</Pill> : allowed.map((n) => <code key={n} className="tag">{n}</code>)}</div>
              <p className="muted small">The list is given to <code>penstock serve</code> as <code>--egress-allow</code>, so that nobody can widen it from here. Proxies whose forwarded addresses are believed: {value('trusted-proxies').join(', ') || 'none'}.</p>
            </div>
          )
        }}
      </Loaded>
    </Card>
  )
}

function Sealing() {
  const state = useQuery({ queryKey: ['secrets'], queryFn: async () => (await unwrap(client.GET('/api/secrets'))).data })
  const rotate = useChange(() => unwrap(client.POST('/api/secrets/rotate')), 'Every secret is sealed with the new key')
  return (
    <Card title="Secrets">
      <Loaded query={state}>
        {(s) => (
          <div className="stack">
            <dl className="facts">
              <dt>Key</dt><dd className="mono">{s.key}</dd>
              <dt>It comes from</dt><dd>{s.from === 'file' ? 'a file in the data folder' : 'the environment'}</dd>
              <dt>Sealed with it</dt><dd>{plural(s.secrets, 'secret')}</dd>
            </dl>
            <div className="row wrap">
              <Confirm label="Rotate the key" title="Rotate the key?" icon={<IconRotate size={14} />} disabled={s.from === 'environment'} action={() => rotate.mutateAsync(undefined)}>
                A new key is made, and every secret of the workspace is sealed with it. The secrets themselves stay as they are. A copy of the data folder that was made before is opened by its own old key.
              </Confirm>
              {s.from === 'environment' && <span className="muted small">The key is the operator’s: start the server with the new one in PENSTOCK_SECRET_KEY, and this one in PENSTOCK_SECRET_KEY_OLD.</span>}
            </div>
          </div>
        )}
      </Loaded>
    </Card>
  )
}
