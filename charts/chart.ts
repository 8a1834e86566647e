/** The whole chart, as the text of its files. */
import { definitions } from './definitions.ts';
import { metrics, networkPolicy } from './network.ts';
import { operatorAccount, operatorRoles, userRoles } from './roles.ts';
import { template } from './template.ts';
import { chartYaml, EXTRA_OBJECTS, HELMIGNORE, HELPERS, NOTES, readme } from './texts.ts';
import { valuesSchema, valuesYaml } from './valuesFiles.ts';
import { budget, workload } from './workload.ts';

/** Path inside the chart -> content, for the package's `version`. */
export function chartFiles(version: string): Map<string, string> {
  const templates = [
    ...definitions.map(([plural, entries]) => [`crd-${plural}`, entries] as const),
    ['deployment', workload] as const,
    ['metrics', metrics] as const,
    ['networkpolicy', networkPolicy] as const,
    ['poddisruptionbudget', budget] as const,
    ['roles', operatorRoles] as const,
    ['serviceaccount', operatorAccount] as const,
    ['userroles', userRoles] as const,
  ];
  return new Map([
    ['.helmignore', HELMIGNORE],
    ['Chart.yaml', chartYaml(version)],
    ['README.md', readme()],
    ['values.yaml', valuesYaml()],
    ['values.schema.json', valuesSchema()],
    ['templates/_helpers.tpl', HELPERS],
    ['templates/NOTES.txt', NOTES],
    ['templates/extraobjects.yaml', EXTRA_OBJECTS],
    ...templates.map(([name, entries]): [string, string] => [`templates/${name}.yaml`, template(entries)]),
  ]);
}
