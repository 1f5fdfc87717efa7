import { IconMapOff } from '@tabler/icons-react'
import { Link } from 'react-router'

import { Page } from '../parts/Page'
import { Empty } from '../parts/states'

export function NotFound() {
  return (
    <Page title="Nothing here">
      <Empty icon={<IconMapOff size={28} stroke={1.5} />} title="There is no page at this address" action={<Link to="/">Go to the overview</Link>}>
        The link may be of something that was renamed or deleted since.
      </Empty>
    </Page>
  )
}
