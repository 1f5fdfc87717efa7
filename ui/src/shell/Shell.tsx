import { ActionIcon, Drawer, Menu, Tooltip, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconApps, IconArrowsExchange, IconBroadcast, IconDots, IconKeyboard, IconLayoutDashboard, IconLogout, IconMenu2, IconMoon, IconRoute, IconSettings, IconStack2, IconSun } from '@tabler/icons-react'
import { Suspense, useEffect } from 'react'
import { NavLink, Outlet, useLocation, useNavigation } from 'react-router'

import { Bones } from '../parts/states'
import { Logo } from './Logo'
import styles from './Shell.module.css'
import { useShortcuts } from './shortcuts'
import { SignIn } from './SignIn'
import { signOut, useSession } from './useSession'

const sections = [
  { title: '', links: [
    { to: '/', label: 'Overview', icon: IconLayoutDashboard, end: true },
    { to: '/where', label: 'Where is my event?', icon: IconRoute },
  ] },
  { title: 'Connections', links: [
    { to: '/sources', label: 'Sources', icon: IconBroadcast },
    { to: '/destinations', label: 'Destinations', icon: IconArrowsExchange },
    { to: '/catalog', label: 'Catalog', icon: IconStack2 },
  ] },
  { title: 'Receiving side', links: [{ to: '/apps', label: 'Apps', icon: IconApps }] },
  { title: '', links: [{ to: '/settings', label: 'Settings', icon: IconSettings }] },
]

function Navigation() {
  return (
    <nav aria-label="Main" className={styles.nav}>
      {sections.map((section, i) => (
        <div key={i} className={styles.section}>
          {section.title !== '' && <div className={styles.sectionTitle}>{section.title}</div>}
          {section.links.map(({ to, label, icon: Icon, end }) => (
            <NavLink key={to} to={to} end={end === true} className={({ isActive }) => (isActive ? `${styles.link} ${styles.active}` : styles.link)}>
              <Icon size={17} stroke={1.7} aria-hidden />
              {label}
            </NavLink>
          ))}
        </div>
      ))}
    </nav>
  )
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme()
  const scheme = useComputedColorScheme('light')
  const next = scheme === 'dark' ? 'light' : 'dark'
  return (
    <Tooltip label={`Switch to ${next}`}>
      <ActionIcon variant="subtle" color="gray" aria-label={`Switch to ${next}`} onClick={() => setColorScheme(next)}>
        {scheme === 'dark' ? <IconSun size={17} stroke={1.7} /> : <IconMoon size={17} stroke={1.7} />}
      </ActionIcon>
    </Tooltip>
  )
}

function Person({ name, role, onKeys }: { name: string; role: string; onKeys: () => void }) {
  return (
    <div className={styles.person}>
      <Menu position="top-start" width={210}>
        <Menu.Target>
          <UnstyledButton className={styles.who}>
            <span className={styles.avatar} aria-hidden>
              {name.slice(0, 1).toUpperCase()}
            </span>
            <span className="grow">
              <span className={`clip ${styles.name}`}>{name}</span>
              <span className={styles.role}>{role}</span>
            </span>
            <IconDots size={16} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconKeyboard size={15} />} onClick={onKeys}>
            Keyboard shortcuts
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={() => void signOut()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <SchemeSwitch />
    </div>
  )
}

/** The frame around every page. Nothing is shown to whoever is not signed in. */
export function Shell() {
  const session = useSession()
  const [open, drawer] = useDisclosure(false)
  const [keys, keysDialog] = useDisclosure(false)
  const location = useLocation()
  const going = useNavigation().state === 'loading'
  const shortcuts = useShortcuts(keysDialog.toggle)
  useEffect(drawer.close, [location.pathname, drawer.close])
  if (session.state === 'asking') return null
  if (session.state === 'out') return <SignIn setup={session.setup} error={session.error} />
  const side = (
    <>
      <Navigation />
      <Person name={session.name} role={session.email ?? (session.kind === 'token' ? `${session.role}, by token` : session.role)} onKeys={keysDialog.open} />
    </>
  )
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <aside className={styles.side}>
        <Logo />
        {side}
      </aside>
      <div className={styles.top}>
        <ActionIcon variant="subtle" color="gray" onClick={drawer.open} aria-label="Open navigation">
          <IconMenu2 size={20} stroke={1.7} />
        </ActionIcon>
        <Logo />
      </div>
      <Drawer opened={open} onClose={drawer.close} size={264} title={<Logo />} classNames={{ body: styles.drawer, content: styles.drawerContent }}>
        {side}
      </Drawer>
      <Drawer opened={keys} onClose={keysDialog.close} position="right" size={320} title="Keyboard shortcuts">
        <dl className="facts">
          {shortcuts.map((s) => (
            <div key={s.keys} style={{ display: 'contents' }}>
              <dt>
                {s.keys.split(' ').map((k) => (
                  <kbd key={k} style={{ marginRight: 4 }}>
                    {k}
                  </kbd>
                ))}
              </dt>
              <dd>{s.label}</dd>
            </div>
          ))}
        </dl>
      </Drawer>
      <main id="main" className={styles.main} tabIndex={-1} data-going={going || undefined}>
        <Suspense fallback={<Bones rows={8} />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  )
}
