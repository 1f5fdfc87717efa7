import { lazy, Suspense } from 'react'

import type { ChartProps } from './Chart'

const Chart = lazy(() => import('./Chart'))

/** A chart, in a room that is kept while its code is loaded. */
export function LazyChart(props: ChartProps) {
  return (
    <div style={{ height: props.height ?? 220 }}>
      <Suspense fallback={<div className="bone" style={{ height: '100%' }} />}>
        <Chart {...props} />
      </Suspense>
    </div>
  )
}

/** A small line of bars, without axes. */
export function Spark({ values, label, width = 110, height = 24 }: { values: number[]; label: string; width?: number; height?: number }) {
  const most = Math.max(1, ...values)
  const step = Math.min(8, width / Math.max(1, values.length))
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      <line x1="0" x2={width} y1={height - 0.5} y2={height - 0.5} stroke="var(--line)" />
      {values.map((v, i) => v > 0 && <rect key={i} x={i * step} width={Math.max(1, step - 1)} y={height - Math.max(2, (v / most) * (height - 2))} height={Math.max(2, (v / most) * (height - 2))} rx="1" fill="var(--accent)" opacity="0.75" />)}
    </svg>
  )
}
