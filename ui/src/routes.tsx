import type { RouteObject } from 'react-router'

import { Crash } from './shell/Crash'
import { NotFound } from './shell/NotFound'
import { Shell } from './shell/Shell'

type Module = Record<string, unknown>

/** A page that is loaded when it is first opened. */
function page(path: string, load: () => Promise<Module>, name: string): RouteObject {
  return {
    path,
    lazy: async () => ({ Component: (await load())[name] as React.ComponentType }),
  }
}

/** Every page and its address. Each is among the pages of test/ui/pages.json, too: routes.test.ts sees to it. */
export const routes: RouteObject[] = [
  page('/setup', () => import('./shell/Welcome'), 'Setup'),
  page('/invite', () => import('./shell/Welcome'), 'Invited'),
  {
    path: '/',
    Component: Shell,
    ErrorBoundary: Crash,
    HydrateFallback: () => null,
    children: [
      {
        ErrorBoundary: Crash,
        children: [
          { index: true, lazy: async () => ({ Component: (await import('./pages/overview/Overview')).Overview }) },
          page('sources', () => import('./pages/sources/Sources'), 'Sources'),
          page('sources/new', () => import('./pages/sources/NewSource'), 'NewSource'),
          page('sources/:source', () => import('./pages/sources/Source'), 'Source'),
          page('sources/:source/setup', () => import('./pages/sources/Setup'), 'Setup'),
          page('sources/:source/settings', () => import('./pages/sources/SourceSettings'), 'SourceSettings'),
          page('sources/:source/debugger', () => import('./pages/debugger/Debugger'), 'Debugger'),
          page('catalog', () => import('./pages/catalog/Catalog'), 'Catalog'),
          page('catalog/:type', () => import('./pages/catalog/Entry'), 'Entry'),
          page('catalog/:type/add', () => import('./pages/catalog/AddDestination'), 'AddDestination'),
          page('catalog/:type/presets/:preset', () => import('./pages/catalog/AddPreset'), 'AddPreset'),
          page('destinations', () => import('./pages/destinations/Destinations'), 'Destinations'),
          page('destinations/:destination', () => import('./pages/destinations/Destination'), 'Destination'),
          page('destinations/:destination/mappings', () => import('./pages/destinations/Mappings'), 'Mappings'),
          page('destinations/:destination/mappings/:mapping', () => import('./pages/mapping/MappingEditor'), 'MappingEditor'),
          page('destinations/:destination/filters', () => import('./pages/filters/Filters'), 'Filters'),
          page('destinations/:destination/filters/:filter', () => import('./pages/filters/FilterEditor'), 'FilterEditor'),
          page('destinations/:destination/attempts', () => import('./pages/destinations/Attempts'), 'Attempts'),
          page('destinations/:destination/settings', () => import('./pages/destinations/DestinationSettings'), 'DestinationSettings'),
          page('apps', () => import('./pages/apps/Apps'), 'Apps'),
          page('apps/new', () => import('./pages/apps/NewApp'), 'NewApp'),
          page('apps/:app', () => import('./pages/apps/AppOverview'), 'AppOverview'),
          page('apps/:app/received', () => import('./pages/apps/Received'), 'Received'),
          page('apps/:app/events', () => import('./pages/apps/TrackEvents'), 'TrackEvents'),
          page('apps/:app/events/:event', () => import('./pages/apps/TrackEventPage'), 'TrackEventPage'),
          page('apps/:app/explore', () => import('./pages/apps/Explorer'), 'Explorer'),
          page('apps/:app/visitors', () => import('./pages/apps/Visitors'), 'Visitors'),
          page('apps/:app/visitors/:visitor', () => import('./pages/apps/VisitorPage'), 'VisitorPage'),
          page('apps/:app/accounts', () => import('./pages/apps/Accounts'), 'Accounts'),
          page('apps/:app/accounts/:account', () => import('./pages/apps/AccountPage'), 'AccountPage'),
          page('apps/:app/dictionary', () => import('./pages/apps/Dictionary'), 'Dictionary'),
          page('apps/:app/quality', () => import('./pages/apps/Quality'), 'Quality'),
          page('apps/:app/settings', () => import('./pages/apps/AppSettings'), 'AppSettings'),
          page('settings', () => import('./pages/settings/About'), 'About'),
          page('settings/users', () => import('./pages/settings/Users'), 'Users'),
          page('settings/tokens', () => import('./pages/settings/Tokens'), 'Tokens'),
          page('settings/audit', () => import('./pages/settings/Audit'), 'Audit'),
          page('settings/you', () => import('./pages/settings/You'), 'You'),
          page('settings/keys', () => import('./pages/settings/IntegrationKeys'), 'IntegrationKeys'),
          page('settings/retention', () => import('./pages/settings/Retention'), 'Retention'),
          page('settings/security', () => import('./pages/settings/Security'), 'Security'),
          page('settings/workspace', () => import('./pages/settings/WorkspaceFile'), 'WorkspaceFile'),
          page('where', () => import('./pages/where/Where'), 'Where'),
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
]
