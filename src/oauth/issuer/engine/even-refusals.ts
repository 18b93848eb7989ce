/** Far longer than a look at a client's credentials takes, and no time that a client minds. */
const REFUSAL_MS = 10;

/**
 * Has every refusal of credentials leave at the same time after its request, counted by a timer that is set before the first look at them. What
 * the look itself took, by whether there is such a client and what kind it is, then shows nowhere (CWE-208).
 */
export async function evenRefusals(ctx: { readonly status: number }, next: () => Promise<unknown>): Promise<void> {
  const { promise: due, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, REFUSAL_MS);
  try {
    await next();
    if (ctx.status === 401) await due;
  } finally {
    clearTimeout(timer);
  }
}
