package lab;

import java.net.URL;
import java.net.URLClassLoader;
import org.apache.hadoop.hive.ql.exec.Utilities;
import org.apache.hadoop.hive.ql.io.parquet.read.DataWritableReadSupport;
import org.apache.hadoop.hive.ql.metadata.HiveException;
import org.apache.hadoop.hive.ql.plan.TableDesc;
import org.apache.hadoop.mapred.JobConf;

/** What Hive's patched classes call: see build.PatchHive. */
public final class HiveFixes {
  private static final String BY_POSITION = DataWritableReadSupport.PARQUET_COLUMN_INDEX_ACCESS;

  private HiveFixes() {}

  public static ClassLoader urlClassLoader(ClassLoader loader) {
    return loader instanceof URLClassLoader ? loader : new URLClassLoader(new URL[0], loader);
  }

  /** Hive's method of this name, and the one property more that the reader of a Parquet file asks for. */
  public static void copyTableJobPropertiesToConf(TableDesc table, JobConf job) throws HiveException {
    Utilities.copyTableJobPropertiesToConf(table, job);
    String byPosition = table.getProperties().getProperty(BY_POSITION);
    if (byPosition != null) {
      job.set(BY_POSITION, byPosition);
    }
  }
}
