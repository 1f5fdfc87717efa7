/** The color of a series, beside its name. */
export function Swatch({ color }: { color: string | undefined }) {
  return <span aria-hidden style={{ display: 'inline-block', width: 9, height: 9, borderRadius: 3, marginRight: 7, background: color === undefined ? 'transparent' : `var(--mantine-color-${color.replace('.', '-')})` }} />
}
