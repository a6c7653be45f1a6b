/** SFDMU without the Salesforce CLI around it. Arguments: the folder of its packages, the folder of its `export.json`. */
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');

async function main([packages, folder]) {
  const load = createRequire(join(packages, 'package.json'));
  const root = dirname(load.resolve('sfdmu/package.json'));
  // above so many records it would read by Bulk API 1.0, which the sandbox does not serve
  load('sfdmu/lib/modules/components/common_components/statics').CONSTANTS.QUERY_BULK_API_THRESHOLD = 1e9;
  const config = await load('@oclif/config').load(root);
  const Run = load('sfdmu/lib/commands/sfdmu/run').default;
  Run.plugin = config.plugins[0];
  Run.id = 'sfdmu:run';
  await Run.run(['--sourceusername', 'source', '--targetusername', 'target', '--path', folder, '--noprompt'], config);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exit(1);
});
