import { ApiError } from './api-error';
import { type Call, integerOf, type Route } from './call';
import type { Program, ProgramStore } from './program-store';
import type { StaticList, StaticLists } from './static-lists';
import { formatInstant } from './time';

/** Assets of one page (Marketo guide, "Assets"): default and most. */
const ASSETS_PER_PAGE = 20;
const MOST_ASSETS_PER_PAGE = 200;

/** Kinds that clients list as they start, and of which the sandbox has none. */
const KINDS_WITHOUT_ASSETS = [
  'smartLists',
  'smartList/byName',
  'smartList/{listId}',
  'smartCampaigns',
  'emails',
  'emailTemplates',
  'landingPages',
  'forms',
  'segmentation',
];

const describeProgram = ({ id, name, createdAt }: Program) => ({
  id,
  name,
  description: '',
  createdAt: assetInstant(createdAt),
  updatedAt: assetInstant(createdAt),
  type: 'Default',
  channel: 'Default',
  status: '',
  workspace: 'Default',
});

/** The asset API: static lists, which can be made, named and deleted, and programs; of all other kinds there are none. */
export function assetRoutes(lists: StaticLists, programs: ProgramStore): Route[] {
  const reads = 'Read-Only Assets' as const;
  const writes = 'Read-Write Assets' as const;
  const describeAsset = ({ id, name, description, createdAt, updatedAt }: StaticList) => ({
    id,
    name,
    description: description ?? '',
    createdAt: assetInstant(createdAt),
    updatedAt: assetInstant(updatedAt),
    folder: { id: 12, type: 'Folder' },
    computedUrl: `https://app.example.com/#ST${id}A1`,
  });
  const find = ({ path }: Call): StaticList => {
    const list = lists.get(integerOf(path.listId ?? ''));
    if (!list) throw new ApiError('702', 'Static List not found or it has been deleted');
    return list;
  };
  return [
    {
      method: 'POST',
      path: '/rest/asset/v1/staticLists.json',
      permission: writes,
      handle({ parameters }) {
        const name = requiredAsset(parameters, 'name');
        checkFolder(requiredAsset(parameters, 'folder'));
        if (lists.byName(name)) throw new ApiError('709', 'Static List with the same name already exists');
        const description = parameters.get('description') ?? undefined;
        return { assets: [describeAsset(lists.add({ name, description }))] };
      },
    },
    {
      method: 'GET',
      path: '/rest/asset/v1/staticLists.json',
      permission: reads,
      handle: ({ parameters }) => ({ assets: assetPage(parameters, lists.after(0, 10_000)).map(describeAsset) }),
    },
    {
      method: 'GET',
      path: '/rest/asset/v1/staticList/byName.json',
      permission: reads,
      handle({ parameters }) {
        const list = lists.byName(requiredAsset(parameters, 'name'));
        return { assets: list ? [describeAsset(list)] : [] };
      },
    },
    {
      method: 'GET',
      path: '/rest/asset/v1/staticList/{listId}.json',
      permission: reads,
      handle: (call) => ({ assets: [describeAsset(find(call))] }),
    },
    {
      method: 'POST',
      path: '/rest/asset/v1/staticList/{listId}/delete.json',
      permission: writes,
      handle(call) {
        const { id } = find(call);
        lists.remove(id);
        return { assets: [{ id }] };
      },
    },
    {
      method: 'GET',
      path: '/rest/asset/v1/programs.json',
      permission: reads,
      handle: ({ parameters }) => ({ assets: assetPage(parameters, programs.all()).map(describeProgram) }),
    },
    // campaigns are older than the asset API, and answer as the lead database does
    { method: 'GET', path: '/rest/v1/campaigns.json', permission: reads, handle: () => ({ result: [] }) },
    ...KINDS_WITHOUT_ASSETS.map(
      (kind): Route => ({
        method: 'GET',
        path: `/rest/asset/v1/${kind}.json`,
        permission: reads,
        handle: () => ({ assets: [] }),
      }),
    ),
  ];
}

/** @throws ApiError 701 where the parameter is missing or blank */
function requiredAsset(parameters: URLSearchParams, name: string): string {
  const value = parameters.get(name)?.trim() ?? '';
  if (value === '') throw new ApiError('701', `${name} cannot be blank`);
  return value;
}

/** @throws ApiError 711 where it is neither a folder nor a program */
function checkFolder(text: string): void {
  if (!/"type"\s*:\s*"(Folder|Program)"/.test(text)) throw new ApiError('711', 'Folder type is invalid');
}

/** The asset API writes both `Z` and an offset (seen in recordings). */
const assetInstant = (epochMs: number): string => `${formatInstant(epochMs)}+0000`;

function assetPage<T>(parameters: URLSearchParams, all: readonly T[]): T[] {
  const number = (name: string, otherwise: number): number => {
    const text = parameters.get(name);
    return text === null || text === '' ? otherwise : integerOf(text);
  };
  const offset = Math.max(number('offset', 0), 0);
  const size = Math.min(Math.max(number('maxReturn', ASSETS_PER_PAGE), 1), MOST_ASSETS_PER_PAGE);
  return all.slice(offset, offset + size);
}
