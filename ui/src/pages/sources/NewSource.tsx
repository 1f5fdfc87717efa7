import { Button, Radio, TextInput } from '@mantine/core'

import { client, unwrap } from '../../api/client'
import { patchSource, readSource, type Source } from '../../api/workspace'
import { slugOf } from '../../lib/format'
import { Page } from '../../parts/Page'
import { SaveState } from '../../parts/SaveState'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { kinds } from './kinds'
import styles from './NewSource.module.css'

export function NewSource() {
  const go = useGo()
  const made = useDraft<Source, { name: string; type: string }>({
    saved: undefined,
    members: (source) => ({ name: source?.name ?? '', type: source?.type ?? 'javascript' }),
    write: async ({ name, type }, _, seen) => {
      const body = { name: name.trim(), type: type as 'javascript' }
      // What was changed while it was being made is saved by the next save.
      if (seen !== undefined) return patchSource(seen.slug, body, seen.revision)
      const slug = slugOf(name) || undefined
      return (await unwrap(client.POST('/api/sources', { body: { ...body, slug } as never }))).data
    },
    read: (seen) => readSource(seen.slug),
    said: (source) => `Source ${source.name} is there`,
  })
  const { name, type } = made.values
  const create = async () => {
    const { all, saved } = await made.save()
    if (all && saved !== undefined) go(`/sources/${saved.slug}/setup`)
  }
  return (
    <Page title="Add source" crumbs={[{ label: 'Sources', to: '/sources' }]}>
      <form
        className={`card ${styles.form}`}
        onSubmit={(e) => {
          e.preventDefault()
          void create()
        }}
      >
        <Radio.Group value={type} onChange={(type) => made.set({ type })} label="What sends the events?">
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
        <TextInput
          label="Name"
          placeholder="Website"
          description={slugOf(name) !== '' && slugOf(name) !== name ? `In addresses and files: ${slugOf(name)}` : 'As your team calls it'}
          value={name}
          onChange={(e) => made.set({ name: e.currentTarget.value })}
          required
          autoFocus
          maxLength={200}
        />
        <SaveState draft={made} label={(member) => `the ${member === 'type' ? 'kind' : member}`} />
        <div>
          <Button
            type="submit"
            size="sm"
            loading={made.saving}
            disabled={name.trim() === '' || made.meanwhile.length > 0}
          >
            Create source
          </Button>
        </div>
      </form>
    </Page>
  )
}
