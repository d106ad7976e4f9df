import type { VNode } from 'preact';
import { Shell, type ShellProps } from '../pageShell.tsx';
import { OPERATIONS_MAILBOX_ID } from './data.ts';

interface ApiKeyPageProps {
  product: string;
  nav: ShellProps['nav'];
  /** The address of this sandbox. */
  address: string;
  /** Where the key is stored; null if another program chose it. */
  keyFile: string | null;
}

/** How a person calls the API. The key itself is not shown: only the user who owns the file may read it. */
export function ApiKeyPage({ product, nav, address, keyFile }: ApiKeyPageProps): VNode {
  return (
    <Shell product={product} title="API key" nav={nav}>
      <h1>API key</h1>
      <p class="lead">
        The API is at <code>{`${address}/api`}</code>. It needs a key in the header <code>X-FreeScout-API-Key</code>.
      </p>
      {keyFile === null ? (
        <p class="card">The program that started this sandbox has chosen the key.</p>
      ) : (
        <Usage address={address} keyFile={keyFile} />
      )}
    </Shell>
  );
}

function Usage({ address, keyFile }: { address: string; keyFile: string }): VNode {
  return (
    <section class="card" aria-labelledby="usage">
      <h2 id="usage">In a shell</h2>
      <p>
        The key was made at random at the first start. It is in <code>{keyFile}</code>, which only you can read. With
        these lines the commands of the runbooks work here; the operations mailbox has the number{' '}
        {OPERATIONS_MAILBOX_ID}.
      </p>
      <pre>{`export FREESCOUT_BASE_URL=${address}
export FREESCOUT_API_KEY=$(node -p 'JSON.parse(fs.readFileSync(${JSON.stringify(keyFile)})).freescout')
curl -s "$FREESCOUT_BASE_URL/api/mailboxes" -H "X-FreeScout-API-Key: $FREESCOUT_API_KEY"`}</pre>
    </section>
  );
}
