import { Tooltip } from '@mantine/core'
import { useElementSize } from '@mantine/hooks'
import { IconApps, IconArrowRight, IconArrowsExchange, IconBroadcast, IconFilter, IconWorld } from '@tabler/icons-react'
import { Fragment, type ReactNode } from 'react'
import { Link } from 'react-router'

import type { Health, Lane } from '../../lib/flow'
import { compact } from '../../lib/format'
import { Pill } from '../../parts/small'
import styles from './FlowMap.module.css'
import { layout, type Place } from './layout'
import type { Rates } from './useRates'

const narrow = 780 // below, the lanes are a list
const side = 16

interface Edge {
  from: [number, number]
  to: [number, number]
  health: Health
  rate: number
  label: string
  title: string
  at: number // where the label stands, of the way
}

/** A point of an edge, which is a curve that leaves and arrives level. */
function pointOf({ from: [x1, y1], to: [x2, y2], at: t }: Edge): { left: number; top: number } {
  const along = 1.5 * (1 - t) * t + t ** 3
  return { left: x1 + (x2 - x1) * along, top: y1 + (y2 - y1) * (3 * t ** 2 - 2 * t ** 3) }
}

/** Sources, mappings, destinations and receivers, and what flows between them. */
export function FlowMap({ lanes, rates }: { lanes: Lane[]; rates: Rates }) {
  const { ref, width } = useElementSize()
  return <div ref={ref}>{width === 0 ? <div style={{ height: 120 }} /> : width < narrow ? <LaneList lanes={lanes} rates={rates} /> : <Drawn lanes={lanes} rates={rates} width={width} />}</div>
}

function worst(lanes: Lane[]): Health {
  for (const health of ['bad', 'warn', 'ok'] as const) if (lanes.some((l) => l.health === health)) return health
  return 'idle'
}

function laneRate(lane: Lane, rates: Rates) {
  return lane.destination && lane.mapping ? rates.of(lane.destination.slug, lane.mapping.name) : { accepted: 0, delivered: 0 }
}

function sumDelivered(lanes: Lane[], rates: Rates): number {
  return lanes.reduce((sum, l) => sum + laneRate(l, rates).delivered, 0)
}

function Drawn({ lanes, rates, width }: { lanes: Lane[]; rates: Rates; width: number }) {
  const placed = layout(lanes)
  const node = Math.min(220, (width - 2 * side) * 0.19)
  const step = (width - 2 * side - node) / 3
  const x = (column: number) => side + column * step
  const yOf = (places: Place[], has: (lane: Lane) => boolean) => places.find((p) => p.lanes.some(has))?.y ?? 0
  const edges: Edge[] = []
  for (const mapping of placed.mappings) {
    const lane = mapping.lanes[0]
    if (lane?.destination === undefined || lane.mapping === undefined) continue
    const r = laneRate(lane, rates)
    edges.push({ from: [x(0) + node, yOf(placed.sources, (l) => l.source.slug === lane.source.slug)], to: [x(1), mapping.y], health: lane.on ? 'ok' : 'idle', rate: r.accepted, label: lane.on ? rates.label(r.accepted) : 'off', title: `${compact(lane.row?.accepted ?? 0)} accepted`, at: 0.7 })
    edges.push({ from: [x(1) + node, mapping.y], to: [x(2), yOf(placed.destinations, (l) => l.destination?.slug === lane.destination?.slug)], health: lane.health, rate: r.delivered, label: edgeLabel(lane, r.delivered, rates), title: laneTitle(lane), at: 0.3 })
  }
  const links = new Map<string, Lane[]>()
  for (const lane of lanes) if (lane.destination && lane.receiver) links.set(`${lane.destination.slug}\n${lane.receiver.id}`, [...(links.get(`${lane.destination.slug}\n${lane.receiver.id}`) ?? []), lane])
  for (const own of links.values()) {
    const first = own[0]
    if (first === undefined) continue
    const delivered = sumDelivered(own, rates)
    edges.push({ from: [x(2) + node, yOf(placed.destinations, (l) => l.destination?.slug === first.destination?.slug)], to: [x(3), yOf(placed.receivers, (l) => l.receiver?.id === first.receiver?.id)], health: worst(own), rate: delivered, label: own.some((l) => l.on) ? rates.label(delivered) : 'off', title: `${compact(own.reduce((n, l) => n + (l.row?.delivered ?? 0), 0))} delivered`, at: 0.28 })
  }
  for (const lane of lanes) {
    if (lane.destination && !lane.mapping) edges.push({ from: [x(0) + node, yOf(placed.sources, (l) => l.source.slug === lane.source.slug)], to: [x(2), yOf(placed.destinations, (l) => l === lane)], health: 'idle', rate: 0, label: 'no mapping', title: 'The destination has no mapping, and delivers nothing', at: 0.5 })
  }
  return (
    <div className={styles.map} style={{ height: placed.height }}>
      <svg width={width} height={placed.height} className={styles.edges} aria-hidden>
        {edges.map((edge, i) => (
          <EdgeLine key={i} edge={edge} />
        ))}
      </svg>
      {edges.map((edge, i) => (
        <Tooltip key={i} label={edge.title}>
          <span className={styles.label} data-health={edge.health} style={pointOf(edge)}>
            {edge.label}
          </span>
        </Tooltip>
      ))}
      {placed.sources.map((p) => p.lanes[0] && <Node key={p.id} x={x(0)} y={p.y} width={node} to={`/sources/${p.id}`} icon={<IconBroadcast size={15} stroke={1.7} />} name={p.lanes[0].source.name} note={p.lanes[0].destination ? p.lanes[0].source.type : 'not connected yet'} health={p.lanes[0].source.enabled ? 'ok' : 'idle'} />)}
      {placed.mappings.map((p) => p.lanes[0]?.mapping && <Node key={p.id} x={x(1)} y={p.y} width={node} to={`/destinations/${p.lanes[0].destination?.slug ?? ''}/mappings/${encodeURIComponent(p.lanes[0].mapping.id)}`} icon={<IconFilter size={15} stroke={1.7} />} name={p.lanes[0].mapping.name} note={p.lanes[0].mapping.trigger} health={p.lanes[0].health} />)}
      {placed.destinations.map((p) => p.lanes[0]?.destination && <Node key={p.id} x={x(2)} y={p.y} width={node} to={`/destinations/${p.id}`} icon={<IconArrowsExchange size={15} stroke={1.7} />} name={p.lanes[0].destination.name} note={p.lanes[0].destination.enabled ? 'on' : 'off'} health={worst(p.lanes)} />)}
      {placed.receivers.map((p) => p.lanes[0]?.receiver && <Node key={p.id} x={x(3)} y={p.y} width={node} to={p.lanes[0].receiver.app ? `/apps/${p.lanes[0].receiver.app.slug}` : undefined} icon={p.lanes[0].receiver.app ? <IconApps size={15} stroke={1.7} /> : <IconWorld size={15} stroke={1.7} />} name={p.lanes[0].receiver.label} note={p.lanes[0].receiver.app ? 'app of this server' : 'elsewhere'} health={worst(p.lanes)} />)}
    </div>
  )
}

function edgeLabel(lane: Lane, delivered: number, rates: Rates): string {
  if (!lane.on) return 'off'
  const o = lane.row
  if (o && o.parked > 0) return `${compact(o.parked)} parked`
  if (o && o.retrying > 0) return `${compact(o.retrying)} retrying`
  return rates.label(delivered)
}

function laneTitle(lane: Lane): string {
  const o = lane.row
  if (o === undefined) return lane.on ? 'Nothing was owed yet' : 'Off: nothing is owed'
  return (['delivered', 'filtered', 'duplicate', 'pending', 'retrying', 'parked', 'discarded', 'lost'] as const).filter((k) => o[k] > 0).map((k) => `${compact(o[k])} ${k}`).join(', ') || 'Nothing was owed yet'
}

function EdgeLine({ edge }: { edge: Edge }) {
  const [x1, y1] = edge.from
  const [x2, y2] = edge.to
  const bend = (x2 - x1) / 2
  const d = `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`
  const stroke = Math.min(7, 1.5 + Math.log10(1 + edge.rate) * 1.6)
  return (
    <g data-health={edge.health} className={styles.edge}>
      <path d={d} strokeWidth={stroke} className={styles.pipe} strokeDasharray={edge.health === 'idle' ? '3 4' : undefined} />
      {edge.rate > 0 && <path d={d} strokeWidth={Math.max(1.5, stroke * 0.6)} className={styles.flow} style={{ animationDuration: `${Math.max(0.5, 2.4 - Math.log10(1 + edge.rate) * 0.6)}s` }} />}
    </g>
  )
}

function Node({ x, y, width, to, icon, name, note, health }: { x: number; y: number; width: number; to: string | undefined; icon: ReactNode; name: string; note: string; health: Health }) {
  const inside = (
    <>
      <span className={styles.icon} data-health={health}>
        {icon}
      </span>
      <span className="grow">
        <span className={`clip ${styles.name}`}>{name}</span>
        <span className={`clip ${styles.note}`}>{note}</span>
      </span>
    </>
  )
  const style = { left: x, top: y - 22, width }
  return to === undefined ? (
    <div className={styles.node} style={style}>
      {inside}
    </div>
  ) : (
    <Link to={to} className={styles.node} style={style} title={`${name}: ${note}`}>
      {inside}
    </Link>
  )
}

function LaneList({ lanes, rates }: { lanes: Lane[]; rates: Rates }) {
  return (
    <ul className="list">
      {lanes.map((lane, i) => {
        const steps = [lane.source.name, lane.mapping?.name, lane.destination?.name, lane.receiver?.label].filter((s) => s !== undefined)
        const to = lane.destination ? `/destinations/${lane.destination.slug}` : `/sources/${lane.source.slug}`
        return (
          <li key={i}>
            <Link to={to} className={`item ${styles.lane}`}>
              <span className={styles.way}>
                {steps.map((s, n) => (
                  <Fragment key={n}>
                    {n > 0 && <IconArrowRight size={12} aria-hidden className="muted" />}
                    <span>{s}</span>
                  </Fragment>
                ))}
              </span>
              <Pill tone={lane.health} dot>
                {lane.mapping ? edgeLabel(lane, laneRate(lane, rates).delivered, rates) : 'not connected'}
              </Pill>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
