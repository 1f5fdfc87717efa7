import { Button } from '@mantine/core'
import { IconBroadcast, IconPlus } from '@tabler/icons-react'
import { Link } from 'react-router'

import { useApps, useDestinations, useLedger, useSources } from '../../api/workspace'
import { balances, lanes, outcomeNames, total } from '../../lib/flow'
import { compact, count, share } from '../../lib/format'
import { Page } from '../../parts/Page'
import { Card, Pill, Tile } from '../../parts/small'
import { Bones, Empty, ProblemBox } from '../../parts/states'
import { FlowMap } from './FlowMap'
import { LastEvents } from './LastEvents'
import styles from './Overview.module.css'
import { useRates } from './useRates'

const colors: Record<string, string> = { delivered: 'var(--ok-line)', filtered: 'var(--idle-line)', duplicate: 'var(--line-strong)', pending: 'var(--accent)', retrying: 'var(--warn-line)', parked: 'var(--warn)', discarded: 'var(--bad-line)', lost: 'var(--bad)' }

function LedgerCard() {
  const ledger = useLedger()
  const sum = ledger.data && total(ledger.data.data)
  return (
    <Card
      title="Ledger"
      aside={sum && (balances(sum) ? <Pill tone="ok" dot title="Every event that a mapping was owed has exactly one outcome; the sum of the outcomes is what was accepted.">In balance</Pill> : <Pill tone="bad" dot>Out of balance</Pill>)}
    >
      {ledger.error !== null && sum === undefined ? (
        <ProblemBox error={ledger.error} />
      ) : sum === undefined ? (
        <Bones rows={3} pad={false} />
      ) : (
        <>
          <div className={styles.bar} role="img" aria-label={outcomeNames.map((n) => `${n} ${count(sum[n])}`).join(', ')}>
            {outcomeNames.map((name) => sum[name] > 0 && <span key={name} style={{ flexGrow: sum[name], background: colors[name] }} title={`${name}: ${count(sum[name])}`} />)}
          </div>
          <table className={styles.ledger}>
            <tbody>
              <tr>
                <th scope="row">accepted</th>
                <td>{count(sum.accepted)}</td>
                <td />
              </tr>
              {outcomeNames.map((name) => (
                <tr key={name} data-zero={sum[name] === 0 || undefined}>
                  <th scope="row">
                    <span className={styles.swatch} style={{ background: colors[name] }} aria-hidden />
                    {name}
                  </th>
                  <td>{count(sum[name])}</td>
                  <td className="muted">{sum.accepted > 0 ? share(sum[name], sum.accepted) : ''}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </Card>
  )
}

export function Overview() {
  const sources = useSources()
  const destinations = useDestinations()
  const apps = useApps()
  const ledger = useLedger()
  const rates = useRates(ledger.data?.data, ledger.dataUpdatedAt)
  const error = sources.error ?? destinations.error ?? apps.error
  const ready = sources.data && destinations.data && apps.data ? { sources: sources.data, destinations: destinations.data, apps: apps.data } : undefined
  const sum = ledger.data && total(ledger.data.data)
  const open = sum && sum.pending + sum.retrying + sum.parked
  const empty = ready?.sources.length === 0
  return (
    <Page title="Overview" actions={<Button component={Link} to="/catalog" leftSection={<IconPlus size={14} />} variant="default">Add destination</Button>}>
      <div className="stack">
        {error !== null && !ready && <ProblemBox error={error} />}
        <div className="tiles">
          <Tile label="Accepted for mappings" value={sum ? compact(sum.accepted) : '–'} note={sum && `${rates.label(rates.all.accepted)} now`} />
          <Tile label="Delivered" value={sum ? compact(sum.delivered) : '–'} note={sum && `${rates.label(rates.all.delivered)} now`} />
          <Tile label="On their way" value={open === undefined ? '–' : compact(open)} note={sum && (sum.parked > 0 ? `${count(sum.parked)} parked` : sum.retrying > 0 ? `${count(sum.retrying)} retrying` : 'nothing waits')} tone={sum && sum.parked + sum.retrying > 0 ? 'warn' : undefined} />
          <Tile label="Discarded or lost" value={sum ? compact(sum.discarded + sum.lost) : '–'} note={sum && (sum.discarded + sum.lost > 0 ? <Link to="/destinations">See which, and why</Link> : 'none')} tone={sum && sum.discarded + sum.lost > 0 ? 'bad' : undefined} />
        </div>
        <Card title="Live map" aside={<Legend />} pad={false}>
          {!ready ? (
            <Bones rows={5} height={34} />
          ) : empty ? (
            <Empty icon={<IconBroadcast size={30} stroke={1.4} />} title="Nothing flows yet" action={<Button component={Link} to="/sources/new">Create the first source</Button>}>
              A source has the write key that your applications send events with. Create one, connect a destination to it, and this map shows what flows where.
            </Empty>
          ) : (
            <FlowMap lanes={lanes(ready.sources, ready.destinations, ready.apps, ledger.data?.data ?? [])} rates={rates} />
          )}
        </Card>
        <div className="split">
          <LastEvents empty={empty === true} />
          <LedgerCard />
        </div>
      </div>
    </Page>
  )
}

function Legend() {
  return (
    <span className={`row tiny muted ${styles.legend}`}>
      <span className={styles.entry}><span className={styles.key} style={{ background: 'var(--ok-line)' }} /> healthy</span>
      <span className={styles.entry}><span className={styles.key} style={{ background: 'var(--warn-line)' }} /> retries or discards</span>
      <span className={styles.entry}><span className={styles.key} style={{ background: 'var(--bad-line)' }} /> parked or lost</span>
      <span className={styles.entry}><span className={styles.key} style={{ background: 'var(--idle-line)' }} /> off</span>
    </span>
  )
}
