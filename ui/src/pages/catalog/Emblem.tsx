import styles from './Catalog.module.css'

/** Two letters that stand for a destination. */
export function Emblem({ name, size = 36 }: { name: string; size?: number }) {
  const letters = name.split(/[\s(]+/).filter((w) => w !== '').slice(0, 2).map((w) => w[0]?.toUpperCase()).join('')
  return (
    <span className={styles.mark} style={{ width: size, height: size, fontSize: size * 0.36 }} aria-hidden>
      {letters}
    </span>
  )
}
