// The HTTP side of the node. The token lives here, in memory, and nowhere else.

const TIMEOUT_MS = 8000;

export class ApiError extends Error {
  /** `status` is the HTTP status, 0 when the node was not reached in time. */
  constructor(status, code) {
    super(code);
    this.status = status;
    this.code = code;
  }

  /** The node wants a token, or a better one. */
  get needsToken() {
    return this.status === 401 || this.status === 403;
  }
}

export class Api {
  token = null;

  /** The JSON at `path`; throws ApiError. */
  async get(path) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
    try {
      const headers = { Accept: 'application/json' };
      if (this.token) headers.Authorization = `Bearer ${this.token}`;
      const response = await fetch(path, { headers, signal: abort.signal, cache: 'no-store', credentials: 'omit' });
      if (!response.ok) throw new ApiError(response.status, await problemCode(response));
      return await response.json();
    } catch (error) {
      throw error instanceof ApiError ? error : new ApiError(0, 'unreachable');
    } finally {
      clearTimeout(timer);
    }
  }
}

async function problemCode(response) {
  try {
    const problem = await response.json();
    return typeof problem.code === 'string' ? problem.code : String(response.status);
  } catch {
    return String(response.status);
  }
}
