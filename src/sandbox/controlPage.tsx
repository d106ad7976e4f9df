import type { VNode } from 'preact';
import { type ActiveFault, FAULT_KINDS, type FaultSpec } from './faultSwitches.ts';
import { type NavLink, Shell, Time } from './pageShell.tsx';

export interface ControlPageProps {
  product: string;
  nav: NavLink[];
  faults: ActiveFault[];
  switches: Record<string, boolean>;
  requests: { at: string; method: string; url: string; status: number | null }[];
}

const READY_MADE: { label: string; fault: FaultSpec }[] = [
  { label: 'Respond with 503', fault: { kind: 'status', status: 503 } },
  { label: 'Never respond', fault: { kind: 'hang' } },
  { label: 'Respond 8 s late', fault: { kind: 'delay', delay_ms: 8000 } },
  { label: 'Process, then drop the response', fault: { kind: 'reset', when: 'after' } },
  { label: 'Reset the connection', fault: { kind: 'reset' } },
  { label: 'Half of the requests 500', fault: { kind: 'status', status: 500, probability: 0.5 } },
  { label: 'Rate limit (429)', fault: { kind: 'retry_after', retry_after: 5 } },
  { label: 'HTML page with status 200', fault: { kind: 'html200' } },
];

/** The page where a person injects faults and clears them. */
export function ControlPage({ product, nav, faults, switches, requests }: ControlPageProps): VNode {
  return (
    <Shell product={product} title="Faults" nav={nav.map((link) => ({ ...link, current: link.href === '/__control' }))}>
      <h1>Faults</h1>
      <p class="lead">A fault lasts until you clear it or restart. It affects only this sandbox.</p>

      <section aria-labelledby="ready-made" class="card">
        <h2 id="ready-made">Common faults</h2>
        <div class="row">
          {READY_MADE.map(({ label, fault }) => (
            <form key={label} method="post" action="/__control/faults">
              {Object.entries(fault).map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={String(value)} />
              ))}
              <button type="submit">{label}</button>
            </form>
          ))}
        </div>
      </section>

      <ActiveFaults faults={faults} />
      {Object.keys(switches).length > 0 && <SwitchList switches={switches} />}
      <CustomFault />
      <Requests requests={requests} />
    </Shell>
  );
}

function ActiveFaults({ faults }: { faults: ActiveFault[] }): VNode {
  return (
    <section aria-labelledby="active" class="card">
      <h2 id="active">Active faults</h2>
      {faults.length === 0 ? (
        <p class="quiet">No active faults.</p>
      ) : (
        <>
          <ul class="plain">
            {faults.map(({ id, hits, ...fault }) => (
              <li key={id}>
                <code>{JSON.stringify(fault)}</code> <span class="quiet">{`affected requests: ${hits}`}</span>
              </li>
            ))}
          </ul>
          <form method="post" action="/__control/faults/clear">
            <button type="submit" class="primary">
              Clear all faults
            </button>
          </form>
        </>
      )}
    </section>
  );
}

function SwitchList({ switches }: { switches: Record<string, boolean> }): VNode {
  return (
    <section aria-labelledby="switches" class="card">
      <h2 id="switches">Switches</h2>
      <ul class="plain row">
        {Object.entries(switches).map(([name, on]) => (
          <li key={name}>
            <form method="post" action="/__control/switches" class="row">
              <input type="hidden" name={name} value={on ? '0' : '1'} />
              <button type="submit" id={`switch-${name}`} aria-pressed={on}>
                {`${name.replaceAll('_', ' ')}: ${on ? 'on' : 'off'}`}
              </button>
            </form>
          </li>
        ))}
      </ul>
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
