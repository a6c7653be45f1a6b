import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { consentSearch } from '../features/connections/consent-search';
import { recordsSearch } from '../features/executions/records-search';
import { listSearch } from '../features/syncs/lib/list-search';
import { Layout } from './layout';
import { NotFoundPage } from './not-found';
import { PageFailed } from './page-failed';

const root = createRootRoute({ component: Layout, notFoundComponent: NotFoundPage });
const getParentRoute = () => root;

/** One page for all steps, so that what is typed stays while a new sync gets its address. */
const syncEditor = createRoute({
  getParentRoute,
  id: 'sync-editor',
  component: lazyRouteComponent(() => import('../features/sync-editor/editor')),
});
const inEditor = () => syncEditor;

const routes = [
  createRoute({
    getParentRoute,
    path: '/',
    validateSearch: listSearch,
    component: lazyRouteComponent(() => import('../features/syncs/pages/sync-list')),
  }),
  syncEditor.addChildren([
    createRoute({ getParentRoute: inEditor, path: '/syncs/new' }),
    createRoute({ getParentRoute: inEditor, path: '/syncs/$syncId/edit/$step' }),
  ]),
  createRoute({
    getParentRoute,
    path: '/syncs/$syncId',
    component: lazyRouteComponent(() => import('../features/syncs/pages/sync-detail')),
  }),
  createRoute({
    getParentRoute,
    path: '/executions/$executionId',
    validateSearch: recordsSearch,
    component: lazyRouteComponent(() => import('../features/executions/pages/execution-detail')),
  }),
  createRoute({
    getParentRoute,
    path: '/import',
    component: lazyRouteComponent(() => import('../features/definitions/pages/import-definitions')),
  }),
  createRoute({
    getParentRoute,
    path: '/connections',
    component: lazyRouteComponent(() => import('../features/connections/pages/connection-list')),
  }),
  createRoute({
    getParentRoute,
    path: '/connections/salesforce',
    validateSearch: consentSearch,
    component: lazyRouteComponent(() => import('../features/connections/pages/salesforce-consent')),
  }),
] as const;

/** Every page by its address; a page's code is loaded when it is opened first. */
export const router = createRouter({
  routeTree: root.addChildren(routes),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
