// Prints the packages of the program as a CycloneDX document: `npm run -s sbom > sbom.json`.
// `npm sbom --omit=dev` would also leave out packages of the program that a tool of development uses too.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

interface Component {
  'bom-ref': string;
  scope: 'required' | 'optional';
  properties: { name: string; value: string }[];
}
interface Bom {
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
  metadata: { component: Component };
}

const options = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
const cwd = fileURLToPath(new URL('..', import.meta.url));
const text = execFileSync('npm', ['sbom', ...options], { cwd, encoding: 'utf8', maxBuffer: 64e6 });
const whole: Bom = JSON.parse(text);

const isOfProgram = ({ scope, properties }: Component) =>
  scope === 'required' && !properties.some(({ name }) => name === 'cdx:npm:package:development');
const components = whole.components.filter(isOfProgram);
const kept = new Set([whole.metadata.component, ...components].map((component) => component['bom-ref']));
const dependencies = whole.dependencies
  .filter(({ ref }) => kept.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => kept.has(each)) }));
console.log(JSON.stringify({ ...whole, components, dependencies }, null, 2));
