/** Names of functions as MySQL 9 and MariaDB 10.11 write them out in views: alike, or each by another name. */

/** One name where the products have two. */
export const SAME_FUNCTION: Readonly<Record<string, string>> = {
  lcase: 'lower',
  ucase: 'upper',
  octet_length: 'length',
  srid: 'st_srid',
  current_timestamp: 'now',
};

/** Both write these as they were written: another name or other arguments make another expression. */
export const ALIKE: ReadonlySet<string> = new Set(
  `abs acos ascii asin atan avg bit_and bit_count bit_length bit_or bit_xor cast ceiling char_length charset coalesce
  coercibility collation compress concat concat_ws conv convert cos cot count crc32 curdate current_user curtime database
  date_format dayname dayofmonth dayofweek dayofyear degrees elt exp export_set extract field find_in_set floor format
  from_base64 from_days from_unixtime greatest group_concat hex hour if ifnull inet6_aton inet_aton inet_ntoa insert
  is_ipv4 json_array json_arrayagg json_contains json_contains_path json_depth json_extract json_keys json_length
  json_merge_patch json_object json_objectagg json_overlaps json_quote json_remove json_search json_set json_type
  json_unquote json_valid last_day least left length ln locate log log10 log2 lower lpad ltrim make_set makedate maketime
  max microsecond min minute month monthname now nullif ord period_add pi pow quarter quote radians rand regexp_instr
  regexp_replace regexp_substr repeat replace reverse right round rpad rtrim sec_to_time second sha2 sign sin soundex space
  sqrt st_astext st_distance st_srid st_x st_y std stddev_samp str_to_date strcmp substr substring_index sum sysdate tan
  time_format time_to_sec timediff timestampdiff to_base64 to_days to_seconds trim truncate uncompress unhex unix_timestamp
  upper user utc_date utc_timestamp uuid var_samp variance weekday year yearweek exists char decimal`.split(/\s+/),
);

/** Words of a query that are no functions, though a parenthesis may follow. */
export const WORDS: ReadonlySet<string> = new Set(
  `select distinct from where having on and or by as union all except intersect when then else join inner outer
  cross group order limit offset with recursive asc desc using over partition values`.split(/\s+/),
);
