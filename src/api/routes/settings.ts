import { route } from '../route';
import { settingsAnswer } from '../schemas/settings';

/** What the environment has set; it is changed there, and holds from the next start. */
export const settingsRoutes = [
  route({
    method: 'get',
    path: '/settings',
    summary: 'Show the settings of the server that people have to know of',
    tag: 'Settings',
    role: 'viewer',
    status: 200,
    answer: settingsAnswer,
    handle: async (_call, { settings: { retentionDays } }) => ({ retentionDays }),
  }),
];
