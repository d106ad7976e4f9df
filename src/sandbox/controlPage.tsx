import type { VNode } from 'preact';
import type { CommonFault } from './commonFaults.ts';
import { FAULT_KINDS } from './faultSwitches.ts';
import { type NavLink, Shell, Time } from './pageShell.tsx';
import type { Switch } from './switches.ts';

export interface ControlPageProps {
  product: string;
  nav: NavLink[];
  common: (CommonFault & { active: boolean })[];
  switches: Switch[];
  /** No sandbox of the process has a fault. */
  isCalm: boolean;
  requests: { at: string; method: string; url: string; status: number | null }[];
}

/** The page where a person begins and ends faults. */
export function ControlPage({ product, nav, common, switches, isCalm, requests }: ControlPageProps): VNode {
  return (
    <Shell product={product} title="Faults" nav={nav.map((link) => ({ ...link, current: link.href === '/__control' }))}>
      <h1>Faults</h1>
      <p class="lead">
        Press a button to begin a fault of this sandbox, and again to end it. Faults last until then, or until the
        program stops.
        {isCalm ? ' No sandbox has a fault now.' : ''}
      </p>
      <CommonFaults faults={common} />
      {switches.length > 0 && <SwitchList product={product} switches={switches} />}
      <CustomFault />
      <Requests requests={requests} />
    </Shell>
  );
}

function CommonFaults({ faults }: { faults: ControlPageProps['common'] }): VNode {
  return (
    <section aria-labelledby="common" class="card">
      <h2 id="common">Common faults</h2>
      <form method="post" action="/__control/faults/common" class="row">
        {faults.map(({ name, label, active }) => (
          <button key={name} type="submit" name="name" value={name} id={`fault-${name}`} aria-pressed={active}>
            {label}
          </button>
        ))}
      </form>
    </section>
  );
}

function SwitchList({ product, switches }: { product: string; switches: Switch[] }): VNode {
  return (
    <section aria-labelledby="switches" class="card">
      <h2 id="switches">{`Faults in the set-up of ${product}`}</h2>
      <form method="post" action="/__control/switches" class="row">
        {switches.map(({ name, trouble, on, usual }) => (
          <button
            key={name}
            type="submit"
            name={name}
            value={on ? '0' : '1'}
            id={`switch-${name}`}
            aria-pressed={on !== usual}
          >
            {trouble}
          </button>
        ))}
      </form>
    </section>
  );
}
function CustomFault(): VNode {
  return (
    <section aria-labelledby="own" class="card">
      <h2 id="own">Custom fault</h2>
      <form method="post" action="/__control/faults" class="grid">
        <label>
          Kind
          <select name="kind">
            {FAULT_KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <label>
          When
          <select name="when">
            <option value="">default for the kind</option>
            <option value="before">before the request is processed</option>
            <option value="after">after the request is processed</option>
          </select>
        </label>
        <Field name="method" label="Method" example="POST" />
        <Field name="path" label="Path (regular expression)" example="^/api/" />
        <Field name="status" label="Status" example="502" />
        <Field name="delay_ms" label="Delay (ms)" example="3000" />
        <Field name="times" label="Number of requests" example="all" />
        <Field name="probability" label="Probability (0 to 1)" example="1" />
        <button type="submit">Add fault</button>
      </form>
    </section>
  );
}

function Field({ name, label, example }: { name: string; label: string; example: string }): VNode {
  return (
    <label>
      {label}
      <input name={name} placeholder={example} autocomplete="off" />
    </label>
  );
}

function Requests({ requests }: Pick<ControlPageProps, 'requests'>): VNode {
  const latest = requests.slice(-15).reverse();
  return (
    <div class="card">
      <h2 id="requests">Latest requests</h2>
      {latest.length === 0 ? (
        <p class="quiet">No requests yet.</p>
      ) : (
        <section class="scroll" aria-labelledby="requests" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Request</th>
                <th scope="col">Response</th>
              </tr>
            </thead>
            <tbody>
              {latest.map((request, index) => (
                <tr key={`${request.at}-${index}`}>
                  <td>
                    <Time at={request.at} />
                  </td>
                  <td>
                    <code>{`${request.method} ${request.url}`}</code>
                  </td>
                  <td>{request.status ?? 'none'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
