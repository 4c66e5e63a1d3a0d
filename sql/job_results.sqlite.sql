-- Results in the input's order.
SELECT c.position, c.id, c.custom_id, c.text, c.response, c.tokens_in,
       c.tokens_out, c.duration, c.success, c.error
  FROM {source} c
 ORDER BY c.position
