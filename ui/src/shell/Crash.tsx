import { Button } from '@mantine/core'
import { useRouteError } from 'react-router'

import { ProblemBox } from '../parts/states'

/** A page broke: the frame stays. */
export function Crash() {
  const error = useRouteError()
  return (
    <div style={{ padding: 28, maxWidth: 720, display: 'grid', gap: 16 }}>
      <h1>This page could not be shown</h1>
      <ProblemBox error={error} />
      <div>
        <Button onClick={() => window.location.reload()}>Load it again</Button>
      </div>
    </div>
  )
}
