import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { listSearch } from '../features/syncs/list-search';
import { Layout } from './layout';
import { NotFoundPage } from './not-found';
import { PageFailed } from './page-failed';

const root = createRootRoute({ component: Layout, notFoundComponent: NotFoundPage });

const syncList = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import('../features/syncs/pages/sync-list')),
});

const connections = createRoute({
  getParentRoute: () => root,
  path: '/connections',
  component: lazyRouteComponent(() => import('../features/connections/pages/connection-list')),
});

/** Every page by its address; a page's code is loaded when it is opened first. */
export const router = createRouter({
  routeTree: root.addChildren([syncList, connections]),
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
