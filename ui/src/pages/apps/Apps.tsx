import { Button, Modal, TextInput } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconApps, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'

import { client, unwrap } from '../../api/client'
import { useApps, useChange } from '../../api/workspace'
import { slugOf } from '../../lib/format'
import { Page } from '../../parts/Page'
import { CopyField } from '../../parts/small'
import { Empty, Loaded, ProblemBox } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'

export function Apps() {
  const apps = useApps()
  const can = useCanChange()
  const add = can && <NewApp />
  return (
    <Page title="Apps" description="The receiving side: each app takes events as Pendo does, and shows the visitors, accounts and Track Events that they become." actions={add}>
      <Loaded query={apps}>
        {(all) =>
          all.length === 0 ? (
            <div className="card">
              <Empty icon={<IconApps size={30} stroke={1.4} />} title="No app yet" action={add}>
                An app has the key that stands at the end of a webhook&apos;s URL. With one, a whole integration can be rehearsed on this server.
              </Empty>
            </div>
          ) : (
            <div className="card scroll-x" tabIndex={0}>
              <table className="grid">
                <thead>
                  <tr>
                    <th>Name</th>
                    <th>Region</th>
                    <th>API key</th>
                    <th>Open</th>
                  </tr>
                </thead>
                <tbody>
                  {all.map((a) => (
                    <tr key={a.slug}>
                      <td>
                        <Link to={`/apps/${a.slug}`} style={{ color: 'var(--text)', fontWeight: 550 }}>
                          {a.name}
                        </Link>
                      </td>
                      <td className="muted">{(a.region ?? 'us').toUpperCase()}</td>
                      <td>
                        <CopyField value={a.key} label={`Copy the API key of ${a.name}`} />
                      </td>
                      <td>
                        <span className="row">
                          <Link to={`/apps/${a.slug}/events`}>Track Events</Link>
                          <Link to={`/apps/${a.slug}/raw`}>Raw Events</Link>
                        </span>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

function NewApp() {
  const [open, dialog] = useDisclosure(false)
  const [name, setName] = useState('')
  const navigate = useNavigate()
  const create = useChange(() => unwrap(client.POST('/api/apps', { body: { name: name.trim(), slug: slugOf(name) } as never })), `App ${name} is there`)
  return (
    <>
      <Button leftSection={<IconPlus size={14} />} onClick={dialog.open}>
        Add app
      </Button>
      <Modal opened={open} onClose={dialog.close} title="Add app" centered>
        <form
          className="stack"
          onSubmit={(e) => {
            e.preventDefault()
            create.mutate(undefined, { onSuccess: ({ data }) => void navigate(`/apps/${data.slug}`) })
          }}
        >
          <TextInput label="Name" placeholder="Acme web app" value={name} onChange={(e) => setName(e.currentTarget.value)} required data-autofocus maxLength={200} />
          {create.error !== null && <ProblemBox error={create.error} />}
          <Button type="submit" loading={create.isPending} disabled={slugOf(name) === ''}>
            Create app
          </Button>
        </form>
      </Modal>
    </>
  )
}
