import type { InstanceCore } from '../core';
import { createActivityExport } from './activity-export';
import type { ActivityReader } from './activity-reader';
import type { Route } from './call';
import { createCustomObjectExport } from './custom-object-export';
import { exportRoutes } from './export-api';
import { createExportRunner, type RowSource } from './export-runner';
import { createExportStore } from './export-store';
import { importRoutes } from './import-api';
import { createImportRunner } from './import-runner';
import { createImportStore } from './import-store';
import { createLeadExport } from './lead-export';
import { createLeadImport } from './lead-import';
import type { LeadWriter } from './lead-writer';
import type { ObjectApis } from './object-apis';
import { createCustomObjectImport, createProgramMemberImport } from './other-imports';
import type { PageTokens } from './page-token';
import { createPollWatch } from './poll-watch';
import { createProgramMemberExport } from './program-member-export';
import type { ProgramMembers } from './program-members';
import type { ProgramStore } from './program-store';
import type { MarketoStores } from './stores';

interface JobsOptions {
  core: InstanceCore;
  stores: MarketoStores;
  writer: LeadWriter;
  apis: ObjectApis;
  reader: ActivityReader;
  members: ProgramMembers;
  programs: ProgramStore;
  tokens: PageTokens;
}

/** Bulk extract and bulk import of every object that has them, each with its one queue for all objects. */
export function createJobs(options: JobsOptions): { routes: Route[]; stop(): void } {
  const { core, stores, tokens } = options;
  const { settings } = stores;
  const polls = createPollWatch(core, settings);

  const exports = createExports(options);
  const exportStore = createExportStore(core.database);
  const rowsOf: RowSource = (job) => exports.kindOf(job.object).rowsOf(job);
  const exportRunner = createExportRunner({ core, settings, store: exportStore, rowsOf });
  const exportContext = { core, settings, store: exportStore, runner: exportRunner, tokens, polls };

  const imports = createImports(options);
  const importStore = createImportStore(core.database);
  const importOf = (object: string) => imports.kindOf(object).rows;
  const importRunner = createImportRunner({ core, settings, store: importStore, importOf });
  const importContext = { core, settings, store: importStore, runner: importRunner, polls };

  return {
    routes: [
      ...exports.all.flatMap(({ exportable }) => exportRoutes(exportable, exportContext)),
      ...imports.all.flatMap(({ importable }) => importRoutes(importable, importContext)),
    ],
    stop() {
      exportRunner.stop();
      importRunner.stop();
    },
  };
}

function createExports({ core, stores, apis, reader, members, programs }: JobsOptions) {
  const { fields, leads, lists } = stores;
  const settings = stores.settings.current;
  const ofLeads = createLeadExport({ fields, leads, lists, settings, now: core.clock.now });
  const ofActivities = createActivityExport({ reader, settings });
  const ofMembers = createProgramMemberExport(members, programs, settings);
  const ofCustomObjects = createCustomObjectExport(apis, stores);
  return {
    all: [ofLeads, ofActivities, ofMembers, ofCustomObjects],
    kindOf(object: string) {
      if (object === 'leads') return ofLeads;
      if (object === 'activities') return ofActivities;
      return object === 'program/members' ? ofMembers : ofCustomObjects;
    },
  };
}

function createImports({ core, stores, writer, apis, members, programs }: JobsOptions) {
  const ofLeads = createLeadImport(stores, writer);
  const ofCustomObjects = createCustomObjectImport(apis, { core, settings: stores.settings.current });
  const ofMembers = createProgramMemberImport(ofLeads, members, programs);
  return {
    all: [ofLeads, ofCustomObjects, ofMembers],
    kindOf(object: string) {
      if (object === 'leads') return ofLeads;
      return object === 'program/members' ? ofMembers : ofCustomObjects;
    },
  };
}
