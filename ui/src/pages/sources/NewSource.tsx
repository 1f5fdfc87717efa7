import { Button, Radio, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useNavigate } from 'react-router'

import { client, unwrap } from '../../api/client'
import { useChange } from '../../api/workspace'
import { slugOf } from '../../lib/format'
import { Page } from '../../parts/Page'
import { ProblemBox } from '../../parts/states'
import { kinds } from './kinds'
import styles from './NewSource.module.css'

export function NewSource() {
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [type, setType] = useState('javascript')
  const create = useChange((body: { name: string; type: string }) => unwrap(client.POST('/api/sources', { body: { ...body, type: body.type as 'javascript', slug: slugOf(body.name) || undefined } as never })), `Source ${name} is there`)
  return (
    <Page title="Add source" crumbs={[{ label: 'Sources', to: '/sources' }]}>
      <form
        className={`card ${styles.form}`}
        onSubmit={(e) => {
          e.preventDefault()
          create.mutate({ name: name.trim(), type }, { onSuccess: ({ data }) => void navigate(`/sources/${data.slug}/setup`) })
        }}
      >
        <Radio.Group value={type} onChange={setType} label="What sends the events?">
          <div className={styles.kinds}>
            {kinds.map((k) => (
              <Radio.Card key={k.value} value={k.value} className={styles.kind}>
                <span className={styles.icon}>{k.icon}</span>
                <span>
                  <strong>{k.label}</strong>
                  <span className="muted tiny" style={{ display: 'block' }}>
                    {k.hint}
                  </span>
                </span>
              </Radio.Card>
            ))}
          </div>
        </Radio.Group>
        <TextInput label="Name" placeholder="Website" description={slugOf(name) !== '' && slugOf(name) !== name ? `In addresses and files: ${slugOf(name)}` : 'As your team calls it'} value={name} onChange={(e) => setName(e.currentTarget.value)} required autoFocus maxLength={200} />
        {create.error !== null && <ProblemBox error={create.error} />}
        <div>
          <Button type="submit" size="sm" loading={create.isPending} disabled={name.trim() === ''}>
            Create source
          </Button>
        </div>
      </form>
    </Page>
  )
}
