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
  { label: 'Answer 503', fault: { kind: 'status', status: 503 } },
  { label: 'Never answer', fault: { kind: 'hang' } },
  { label: 'Answer 8 s late', fault: { kind: 'delay', delay_ms: 8000 } },
  { label: 'Do it, lose the answer', fault: { kind: 'reset', when: 'after' } },
  { label: 'Cut the connection', fault: { kind: 'reset' } },
  { label: 'Every second one 500', fault: { kind: 'status', status: 500, probability: 0.5 } },
  { label: 'Too many requests', fault: { kind: 'retry_after', retry_after: 5 } },
  { label: 'A web page instead', fault: { kind: 'html200' } },
];

/** Where a person breaks the sandbox and puts it right again. */
export function ControlPage({ product, nav, faults, switches, requests }: ControlPageProps): VNode {
  return (
    <Shell
      product={product}
      title="Break it"
      nav={nav.map((link) => ({ ...link, current: link.href === '/__control' }))}
    >
      <h1>Break it</h1>
      <p class="lead">Everything here lasts until you undo it or restart. Nothing outside this sandbox is touched.</p>

      <section aria-labelledby="ready-made" class="card">
        <h2 id="ready-made">One click</h2>
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

      <Active faults={faults} />
      {Object.keys(switches).length > 0 && <SwitchList switches={switches} />}
      <OwnFault />
      <Requests requests={requests} />
    </Shell>
  );
}

function Active({ faults }: { faults: ActiveFault[] }): VNode {
  return (
    <section aria-labelledby="active" class="card">
      <h2 id="active">Broken now</h2>
      {faults.length === 0 ? (
        <p class="quiet">Nothing.</p>
      ) : (
        <>
          <ul class="plain">
            {faults.map(({ id, hits, ...fault }) => (
              <li key={id}>
                <code>{JSON.stringify(fault)}</code> <span class="quiet">{`requests struck: ${hits}`}</span>
              </li>
            ))}
          </ul>
          <form method="post" action="/__control/faults/clear">
            <button type="submit" class="primary">
              Put everything right
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

function OwnFault(): VNode {
  return (
    <section aria-labelledby="own" class="card">
      <h2 id="own">A fault of your own</h2>
      <form method="post" action="/__control/faults" class="grid">
        <label>
          What happens
          <select name="kind">
            {FAULT_KINDS.map((kind) => (
              <option key={kind}>{kind}</option>
            ))}
          </select>
        </label>
        <label>
          When
          <select name="when">
            <option value="">as usual for it</option>
            <option value="before">before it takes effect</option>
            <option value="after">after it took effect</option>
          </select>
        </label>
        <Field name="method" label="Method" example="POST" />
        <Field name="path" label="Path, a pattern" example="^/api/" />
        <Field name="status" label="Status" example="502" />
        <Field name="delay_ms" label="Delay, ms" example="3000" />
        <Field name="times" label="Times" example="all" />
        <Field name="probability" label="Probability, 0 to 1" example="1" />
        <button type="submit">Add</button>
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
        <p class="quiet">None yet.</p>
      ) : (
        <section class="scroll" aria-labelledby="requests" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                <th scope="col">Request</th>
                <th scope="col">Answer</th>
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
