import { Link } from 'react-router'

import styles from './Logo.module.css'

export function Logo() {
  return (
    <Link to="/" className={styles.logo} aria-label="Penstock, overview">
      <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden>
        <rect width="32" height="32" rx="7" fill="#0b69bd" />
        <path d="M7 10h9c5 0 9 3 9 7v5" fill="none" stroke="#fff" strokeWidth="3.4" strokeLinecap="round" />
        <path d="M7 16h7c3 0 5 2 5 4v2" fill="none" stroke="#9cd0ff" strokeWidth="3" strokeLinecap="round" />
        <path d="M22 5v6" stroke="#fff" strokeWidth="3.4" strokeLinecap="round" />
      </svg>
      <span>Penstock</span>
    </Link>
  )
}
