import { Button, Radio } from '@mantine/core'
import { Link } from 'react-router'

import { type Source, useSources } from '../../api/workspace'
import { Empty, Loaded } from '../../parts/states'
import { kindOf } from '../sources/kinds'
import styles from './Catalog.module.css'

/** The source that was chosen, where the list came without it. */
function missing(all: Source[], slug: string): Pick<Source, 'slug' | 'name' | 'type' | 'destinations'>[] {
  if (slug === '' || all.some((s) => s.slug === slug)) return []
  return [{ slug, name: slug, type: 'not in the list', destinations: [] }]
}

/** The source whose events are delivered. */
export function SourcePick({ value, onChange }: { value: string; onChange: (slug: string) => void }) {
  const sources = useSources()
  return (
    <div className="card" style={{ overflow: 'hidden' }}>
      <Loaded query={sources}>
        {(all) =>
          all.length === 0 ? (
            <Empty title="There is no source yet" action={<Button component={Link} to="/sources/new">Create a source</Button>}>A destination gets the events of one source.</Empty>
          ) : (
            <Radio.Group value={value} onChange={onChange} aria-label="Data source">
              {[...all, ...missing(all, value)].map((s) => (
                <Radio.Card key={s.slug} value={s.slug} className={styles.pick}>
                  <Radio.Indicator />
                  <span className="muted" style={{ display: 'grid' }}>{kindOf(s.type).icon}</span>
                  <span className="grow">
                    <span style={{ fontWeight: 500 }}>{s.name}</span>
                    <span className="muted tiny" style={{ display: 'block' }}>{kindOf(s.type).label} · {s.destinations.length} connected</span>
                  </span>
                </Radio.Card>
              ))}
            </Radio.Group>
          )
        }
      </Loaded>
    </div>
  )
}
