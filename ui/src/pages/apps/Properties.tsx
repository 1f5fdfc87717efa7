import { ActionIcon } from '@mantine/core'
import { IconX } from '@tabler/icons-react'

import { type BreakdownRow, type PropertyStats, useOfApp } from '../../api/analytics'
import { spanQuery } from '../../lib/days'
import { compact, count, plural, share } from '../../lib/format'
import { Grid } from '../../parts/Grid'
import { Card } from '../../parts/small'
import { Empty, Loaded } from '../../parts/states'
import styles from './apps.module.css'
import { CsvButton } from './Csv'
import { PropertyProblem, typesLabel, valueLabel } from './words'

interface PropertiesProps {
  app: string
  event: string
  span: string
  chosen: string
  onChoose: (property: string) => void
}

/** The properties that a Track Event comes with; one can be chosen to break it down by. */
export function Properties({ app, event, span, chosen, onChoose }: PropertiesProps) {
  const stats = useOfApp<PropertyStats[]>(app, ['track-events', event, 'properties'], () => spanQuery(span, Date.now()), span)
  return (
    <Card title="Properties" aside={<span className="muted tiny">choose one to see its values</span>} pad={false}>
      <Loaded query={stats}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="It came without properties">What a Track call has in properties is listed here, with its types and how often it is filled.</Empty>
          ) : (
            <div className="scroll-x" tabIndex={0}>
              <Grid>
                <thead>
                  <tr><th>Property</th><th>Types</th><th className="num">Filled</th><th style={{ width: 120 }}><span className="sr">Filled, as a bar</span></th><th className="num">Different values</th><th>Warnings</th></tr>
                </thead>
                <tbody>
                  {rows.map((p) => (
                    <tr key={p.key} data-link={p.groupable || undefined} onClick={p.groupable ? () => onChoose(p.key === chosen ? '' : p.key) : undefined} style={p.key === chosen ? { background: 'var(--accent-soft)' } : undefined}>
                      <td>
                        {p.groupable ? (
                          <button type="button" className="plain mono" aria-pressed={p.key === chosen} style={{ color: 'var(--accent)' }} onClick={(e) => { e.stopPropagation(); onChoose(p.key === chosen ? '' : p.key) }}>
                            {p.key}
                          </button>
                        ) : (
                          <code>{p.key}</code>
                        )}
                      </td>
                      <td className="muted">{typesLabel(p.types)}</td>
                      <td className="num">{share(p.fill, 1)}</td>
                      <td><Meter share={p.fill} /></td>
                      <td className="num">{compact(p.cardinality)}</td>
                      <td>{p.problem === undefined ? <span className="muted">none</span> : <PropertyProblem problem={p.problem} />}</td>
                    </tr>
                  ))}
                </tbody>
              </Grid>
            </div>
          )
        }
      </Loaded>
    </Card>
  )
}

/** A share as a bar. */
export function Meter({ share: part, tone }: { share: number; tone?: string }) {
  return (
    <span className={styles.meter} data-tone={tone} aria-hidden>
      <span style={{ width: `${Math.min(100, part * 100)}%` }} />
    </span>
  )
}

const valuesMax = 50

/** A Track Event by the values of one property. */
export function Breakdown({ app, event, span, property, onClose }: { app: string; event: string; span: string; property: string; onClose: () => void }) {
  const parts = ['track-events', event, 'breakdown']
  const query = () => ({ property, ...spanQuery(span, Date.now()) })
  const values = useOfApp<BreakdownRow[]>(app, parts, () => ({ ...query(), limit: valuesMax }), [property, span])
  return (
    <Card
      label={`By ${property}`}
      title={<>By <span className="mono">{property}</span></>}
      aside={
        <span className="row">
          <CsvButton app={app} parts={parts} query={query()} />
          <ActionIcon variant="subtle" color="gray" aria-label="Close the breakdown" onClick={onClose}>
            <IconX size={16} />
          </ActionIcon>
        </span>
      }
      pad={false}
    >
      <Loaded query={values}>
        {(rows) => (
          <div className="scroll-x" tabIndex={0}>
            <Grid>
              <thead>
                <tr><th>Value</th><th className="num">Events</th><th className="num">Share</th><th className="num">Visitors</th><th className="num">Accounts</th></tr>
              </thead>
              <tbody>
                {rows.map((v) => (
                  <tr key={`${v.type} ${valueLabel(v.value)}`}>
                    <td style={{ width: '50%' }}>
                      <span className={styles.bar} style={{ '--share': `${v.share * 100}%` } as React.CSSProperties}>
                        <span className={v.value === null ? 'muted' : undefined}>{valueLabel(v.value)}</span> {v.value !== null && v.type !== 'string' && <span className="tag">{v.type}</span>}
                      </span>
                    </td>
                    <td className="num">{count(v.events)}</td>
                    <td className="num">{share(v.share, 1)}</td>
                    <td className="num">{count(v.visitors)}</td>
                    <td className="num">{count(v.accounts)}</td>
                  </tr>
                ))}
              </tbody>
            </Grid>
            {rows.length === valuesMax && <p className="muted tiny" style={{ padding: '8px 16px' }}>The {plural(valuesMax, 'most frequent value')}; CSV has all of them.</p>}
          </div>
        )}
      </Loaded>
    </Card>
  )
}
