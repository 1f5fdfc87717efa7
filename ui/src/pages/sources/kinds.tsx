import { IconDeviceMobile, IconServer, IconWorld } from '@tabler/icons-react'
import type { ReactNode } from 'react'

export const kinds: { value: string; label: string; hint: string; icon: ReactNode; first: string }[] = [
  { value: 'javascript', label: 'JavaScript', hint: 'Pages in a browser, with analytics.js', icon: <IconWorld size={18} stroke={1.6} />, first: 'browser' },
  { value: 'server', label: 'Server', hint: 'Node, Go, Python, or any HTTP client', icon: <IconServer size={18} stroke={1.6} />, first: 'curl' },
  { value: 'mobile', label: 'Mobile', hint: 'iOS, Android, React Native, Flutter', icon: <IconDeviceMobile size={18} stroke={1.6} />, first: 'curl' },
]

export function kindOf(type: string) {
  return kinds.find((k) => k.value === type) ?? { value: type, label: type, hint: '', icon: <IconServer size={18} stroke={1.6} />, first: 'curl' }
}
