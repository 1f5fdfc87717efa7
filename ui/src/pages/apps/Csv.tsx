import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useState } from 'react'

import { appPath, type Query, saveCsv } from '../../api/analytics'
import { tellProblem } from '../../api/workspace'

/** Keeps a table as CSV: all rows of it, not only those that are drawn. */
export function CsvButton({ app, parts, query }: { app: string; parts: string[]; query: Query }) {
  const [busy, setBusy] = useState(false)
  const save = () => {
    setBusy(true)
    saveCsv(appPath(app, parts, query), `${[app, ...parts].join('-')}.csv`)
      .catch(tellProblem)
      .finally(() => setBusy(false))
  }
  return (
    <Button variant="default" leftSection={<IconDownload size={14} />} loading={busy} onClick={save}>
      CSV
    </Button>
  )
}
