import { ActionIcon, Button, Select, Switch, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useParams } from 'react-router'

import { client, done, type Schemas, unwrap } from '../../api/client'
import { patchSource, readSource, type Source, tellProblem, useChange, useSource } from '../../api/workspace'
import { plural } from '../../lib/format'
import { withChosen } from '../../lib/options'
import { Confirm } from '../../parts/Confirm'
import { Page } from '../../parts/Page'
import { Card, CopyField, OnOff } from '../../parts/small'
import { SaveState } from '../../parts/SaveState'
import { Loaded } from '../../parts/states'
import { useChoice } from '../../parts/useChoice'
import { useDraft } from '../../parts/useDraft'
import { useGo } from '../../parts/useGo'
import { useCanChange } from '../../shell/useSession'
import { kinds } from './kinds'
import { SourceTabs } from './SourceTabs'

export function SourceSettings() {
  const { source: slug = '' } = useParams()
  const source = useSource(slug)
  return (
    <Page title={source.data?.name ?? slug} crumbs={[{ label: 'Sources', to: '/sources' }]} badge={source.data && <OnOff on={source.data.enabled} />} tabs={<SourceTabs source={slug} active="settings" />}>
      <Loaded query={source}>{(s) => <Form key={s.slug} source={s} />}</Loaded>
    </Page>
  )
}

function Form({ source: s }: { source: Source }) {
  const can = useCanChange()
  const go = useGo()
  const path = { source: s.slug }
  const edited = useDraft<Source, Pick<Source, 'name' | 'type'>>({
    saved: s,
    members: (seen) => ({ name: seen?.name ?? '', type: seen?.type ?? '' }),
    write: (_, changes, seen) => patchSource(s.slug, changes as Schemas['UpdateSourceInputBody'], seen?.revision),
    read: () => readSource(s.slug),
    said: 'Saved',
  })
  const { name, type } = edited.values
  const turn = useChange((enabled: boolean) => patchSource(s.slug, { enabled }), 'Saved')
  const on = useChoice({ value: s.enabled, version: s.revision }, turn.mutateAsync)
  const addKey = useChange(() => unwrap(client.POST('/api/sources/{source}/write-keys', { params: { path }, body: {} })), 'There is another write key')
  const removeKey = useChange((key: string) => unwrap(client.DELETE('/api/sources/{source}/write-keys/{key}', { params: { path: { ...path, key } } })), 'The write key is taken away')
  const remove = useChange(() => done(client.DELETE('/api/sources/{source}', { params: { path } })), `Source ${s.name} is deleted`)
  return (
    <div className="stack" style={{ maxWidth: 760 }}>
      <Card title="Source">
        <form className="stack" onSubmit={(e) => { e.preventDefault(); void edited.save() }}>
          <TextInput
            label="Name"
            value={name}
            onChange={(e) => edited.set({ name: e.currentTarget.value })}
            disabled={!can}
          />
          <Select
            label="Kind"
            data={withChosen(kinds, type)}
            value={type}
            onChange={(v) => v !== null && edited.set({ type: v })}
            disabled={!can}
            allowDeselect={false}
          />
          <SaveState draft={edited} label={(member) => `the ${member === 'type' ? 'kind' : member}`} />
          <div>
            <Button type="submit" loading={edited.saving} disabled={!can || !edited.canSave}>
              Save
            </Button>
          </div>
        </form>
      </Card>
      <Card title="Takes events">
        <Switch
          checked={on.value}
          disabled={!can}
          onChange={(e) => on.choose(e.currentTarget.checked)}
          label={on.value ? 'The source is on' : 'The source is off'}
          description="While it is off, events are refused with a reason that says so, and its mappings owe nothing."
        />
      </Card>
      <Card title="Write keys" aside={can && <Button variant="default" size="compact-xs" leftSection={<IconPlus size={13} />} onClick={() => addKey.mutate(undefined, { onError: tellProblem })}>Add a key</Button>}>
        <div className="stack tight">
          {s.writeKeys.map((key) => (
            <div key={key} className="row">
              <CopyField value={key} label="Copy write key" />
              {can && s.writeKeys.length > 1 && (
                <ActionIcon variant="subtle" color="gray" aria-label={`Take away ${key}`} onClick={() => removeKey.mutate(key, { onError: tellProblem })}>
                  <IconTrash size={15} />
                </ActionIcon>
              )}
            </div>
          ))}
          <p className="muted small">To change a key without a gap: add one, move the senders to it, and take the old one away.</p>
        </div>
      </Card>
      <Card title="Delete">
        <div className="spread">
          <p className="muted small">{s.destinations.length > 0 ? `${plural(s.destinations.length, 'destination')} of it go as well. ` : ''}Events that were received stay on the log as long as it reaches back.</p>
          <Confirm
            label="Delete source"
            title={`Delete ${s.name}?`}
            typed={s.slug}
            disabled={!can}
            icon={<IconTrash size={14} />}
            action={async () => { await remove.mutateAsync(undefined); go('/sources') }}
          >
            Its write keys are refused from then on, and its destinations are deleted. What they owe and have not delivered is discarded, and counted so.
          </Confirm>
        </div>
      </Card>
    </div>
  )
}
