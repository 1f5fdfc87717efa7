import '@mantine/charts/styles.css'

import { BarChart, LineChart } from '@mantine/charts'
import { ColorSwatch, getThemeColor, Group, Text, useMantineTheme } from '@mantine/core'

import type { Row } from '../lib/chart'
import { tick } from '../lib/chart'
import { dayLabel, dayTitle } from '../lib/days'
import { compact, count, fullTime } from '../lib/format'

export interface Series {
  name: string
  label?: string
  color: string
  /** Of lines: what is only there to compare with. */
  dashed?: boolean
}

export interface ChartProps {
  label: string
  rows: Row[]
  series: Series[]
  rangeMillis: number
  height?: number
  kind?: 'bars' | 'lines'
  /** Each point is a day of the server's, which are days of UTC. */
  days?: boolean
  /** What is said of the chart in words; default: the sums of its series. */
  told?: string
  /** Whether the series are named below; default: where there is more than one. */
  legend?: boolean
}

const legendHeight = 28 // on one line

/** A chart over time. What it shows is also told in words, for those who cannot see it. */
export default function Chart({ label, rows, series, rangeMillis, height = 220, kind = 'bars', days = false, told, legend = series.length > 1 }: ChartProps) {
  const theme = useMantineTheme()
  const data = rows.map((row) => ({ ...row, when: days ? dayLabel(row.at) : tick(row.at, rangeMillis) }))
  const totals = told ?? series.map((s) => `${s.label ?? s.name} ${count(rows.reduce((n, r) => n + (r[s.name] ?? 0), 0))}`).join(', ')
  const common = {
    h: legend ? height - legendHeight : height,
    data,
    dataKey: 'when',
    series: series.map((s) => ({ name: s.name, label: s.label ?? s.name, color: s.color, ...(s.dashed === true ? { strokeDasharray: '4 4' } : {}) })),
    gridAxis: 'x' as const,
    tickLine: 'none' as const,
    valueFormatter: (n: number) => compact(n),
    xAxisProps: { interval: 'equidistantPreserveStart' as const, minTickGap: 42, fontSize: 11 },
    yAxisProps: { width: 44, allowDecimals: false, fontSize: 11 },
    tooltipAnimationDuration: 0,
    tooltipProps: { labelFormatter: (_: unknown, payload: readonly { payload?: { at?: number } }[]) => (days ? dayTitle : fullTime)(payload[0]?.payload?.at ?? 0) },
  }
  return (
    <figure style={{ margin: 0 }} role="img" aria-label={`${label}: ${totals}`}>
      <div aria-hidden>
        {kind === 'bars' ? <BarChart {...common} barChartProps={{ accessibilityLayer: false }} type="stacked" barProps={{ isAnimationActive: false, maxBarSize: 26 }} /> : <LineChart {...common} lineChartProps={{ accessibilityLayer: false }} withDots={false} curveType="monotone" strokeWidth={2} lineProps={{ isAnimationActive: false }} />}
        {legend && (
          <Group justify="flex-end" gap="md" mih={legendHeight} style={{ rowGap: 4 }}>
            {series.map((s) => (
              <Group key={s.name} gap={6} wrap="nowrap">
                <ColorSwatch size={11} withShadow={false} color={getThemeColor(s.color, theme)} />
                <Text size="xs">{s.label ?? s.name}</Text>
              </Group>
            ))}
          </Group>
        )}
      </div>
    </figure>
  )
}
