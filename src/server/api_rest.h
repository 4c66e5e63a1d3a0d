/*
 * api_rest.h -- addresses or contents in, results out, in four calls.
 *
 *   POST /batch/submit           {"urls", "batch_name", "wait_for_completion"}
 *   POST /batch/submit-contents  {"contents": [{"id", "title", "contents"}]}
 *   GET  /batch/status/ID        state, counts, per cent
 *   GET  /batch/results/ID/NAME  409 while the job runs
 *   GET  /batch/jobs             newest first; limit=, offset=
 *   GET  /openapi.json, /docs
 *
 * Ids hold a slash (as Gemini's do): plain and %2F both find them.  Faults
 * are OpenAI's error object, param names the field.
 */
#ifndef SERVER_API_REST_H
#define SERVER_API_REST_H

#include "server/http_server.h"

extern const struct http_route api_rest_routes[];
extern const size_t api_rest_route_count;

#endif
