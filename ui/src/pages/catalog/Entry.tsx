import { Button } from '@mantine/core'
import { IconPlus, IconTemplate } from '@tabler/icons-react'
import { Link, useParams, useSearchParams } from 'react-router'

import { useCatalog } from '../../api/workspace'
import { Page } from '../../parts/Page'
import { Card, Pill } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import { useCanChange } from '../../shell/useSession'

/** One entry of the catalog: what it does, and how it begins. */
export function Entry() {
  const { type = '' } = useParams()
  const [query] = useSearchParams()
  const catalog = useCatalog()
  const can = useCanChange()
  const d = catalog.data?.find((x) => x.slug === type)
  const rest = query.has('source') ? `?source=${encodeURIComponent(query.get('source') ?? '')}` : ''
  return (
    <Page
      title={d?.name ?? type}
      crumbs={[{ label: 'Catalog', to: '/catalog' }]}
      description={d?.description}
      badge={d && <Pill tone="idle">{d.mode === 'device' ? 'in the browser' : 'server-side'}</Pill>}
      actions={can && d && <Button component={Link} to={`/catalog/${type}/add${rest}`} leftSection={<IconPlus size={14} />}>Add destination</Button>}
    >
      <Loaded query={catalog}>
        {() =>
          d === undefined ? (
            <Empty title={`The catalog has no “${type}”`} action={<Link to="/catalog">Open the catalog</Link>} />
          ) : (
            <div className="split">
              <Card title="Actions" pad={false}>
                <ul className="list">
                  {(d.actions ?? []).map((a) => (
                    <li key={a.slug} className="item" style={{ alignItems: 'flex-start' }}>
                      <span className="grow">
                        <strong>{a.name}</strong>
                        <span className="muted small" style={{ display: 'block' }}>{a.description}</span>
                        <span className="row wrap" style={{ marginTop: 6 }}>
                          {(a.fields ?? []).filter((f) => !f.hidden).map((f) => <span key={f.key} className="tag">{f.label}</span>)}
                        </span>
                      </span>
                    </li>
                  ))}
                </ul>
              </Card>
              <Card title="Presets" pad={false}>
                {(d.presets ?? []).length === 0 ? (
                  <p className="muted small" style={{ padding: 16 }}>There are none: add the destination, and give it a mapping.</p>
                ) : (
                  <ul className="list">
                    {(d.presets ?? []).map((p) => (
                      <li key={p.slug}>
                        <Link className="item" to={`/catalog/${type}/presets/${p.slug}${rest}`}>
                          <IconTemplate size={18} stroke={1.6} className="muted" aria-hidden />
                          <span className="grow">
                            <strong className="small">{p.name}</strong>
                            <span className="muted tiny" style={{ display: 'block' }}>{p.description}</span>
                          </span>
                        </Link>
                      </li>
                    ))}
                  </ul>
                )}
              </Card>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}
