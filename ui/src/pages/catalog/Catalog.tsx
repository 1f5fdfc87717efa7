import { IconArrowRight, IconTemplate } from '@tabler/icons-react'
import { Link } from 'react-router'

import { useCatalog } from '../../api/workspace'
import { plural } from '../../lib/format'
import { useUrlState } from '../../lib/url'
import { Page } from '../../parts/Page'
import { Search } from '../../parts/Search'
import { Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './Catalog.module.css'
import { Emblem } from './Emblem'

const defaults = { q: '', source: '' }

/** What events can be delivered to. */
export function Catalog() {
  const catalog = useCatalog()
  const [state, set] = useUrlState(defaults)
  const rest = state.source === '' ? '' : `?source=${encodeURIComponent(state.source)}`
  const wanted = (text: string) => text.toLowerCase().includes(state.q.toLowerCase())
  return (
    <Page title="Catalog" description="Destinations that events can be delivered to, and presets that are ready but for a few answers.">
      <Search value={state.q} onSearch={(q) => set({ q })} label="Search the catalog" maw={420} mb="md" autoFocus />
      <Loaded query={catalog}>
        {(all) => {
          const presets = all.flatMap((d) => (d.presets ?? []).map((p) => ({ d, p }))).filter(({ d, p }) => wanted(`${p.name} ${p.description} ${d.name}`))
          const types = all.filter((d) => wanted(`${d.name} ${d.description} ${d.slug}`))
          if (presets.length + types.length === 0) return <Empty title={`Nothing is called “${state.q}”`}>Webhooks (Actions) reaches every HTTP endpoint, whatever it is called.</Empty>
          return (
            <div className="stack">
              {presets.length > 0 && (
                <section>
                  <h2 className={styles.heading}>Presets: ready in two steps</h2>
                  <div className={styles.grid}>
                    {presets.map(({ d, p }) => (
                      <Link key={p.slug} to={`/catalog/${d.slug}/presets/${p.slug}${rest}`} className={styles.card}>
                        <span className={styles.top}>
                          <span className={styles.mark}>
                            <IconTemplate size={19} stroke={1.6} />
                          </span>
                          <IconArrowRight size={16} className="muted" aria-hidden />
                        </span>
                        <strong>{p.name}</strong>
                        <span className={styles.text}>{p.description}</span>
                        <span className="muted tiny">by {d.name}</span>
                      </Link>
                    ))}
                  </div>
                </section>
              )}
              {types.length > 0 && (
                <section>
                  <h2 className={styles.heading}>Destinations</h2>
                  <div className={styles.grid}>
                    {types.map((d) => (
                      <Link key={d.slug} to={`/catalog/${d.slug}${rest}`} className={styles.card}>
                        <span className={styles.top}>
                          <Emblem name={d.name} />
                          <IconArrowRight size={16} className="muted" aria-hidden />
                        </span>
                        <strong>{d.name}</strong>
                        <span className={styles.text}>{d.description}</span>
                        <span className="row">
                          <Pill tone="idle">{d.mode === 'device' ? 'in the browser' : 'server-side'}</Pill>
                          <span className="muted tiny">{plural(d.actions?.length ?? 0, 'action')}</span>
                        </span>
                      </Link>
                    ))}
                  </div>
                </section>
              )}
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}
