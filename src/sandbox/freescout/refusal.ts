/** An error response that the API gives deliberately. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, body: object) {
    super(`rejected with ${status}`);
    this.name = 'Refusal';
    this.status = status;
    this.body = body;
  }
}

/** 400 naming one field. */
export function badField(path: string, message: string): Refusal {
  return new Refusal(400, { message: 'Error occurred', _embedded: { errors: [{ path, message, source: 'JSON' }] } });
}

export function missing(path: string): Refusal {
  return badField(path, `\`${path}\` parameter is required`);
}

export function notFound(): Refusal {
  return new Refusal(404, { message: 'Not Found', _embedded: { errors: [] } });
}

export function moduleOff(name: string): Refusal {
  return new Refusal(400, { message: `${name} module is not installed or not activated`, _embedded: { errors: [] } });
}
