package lab;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.server.datanode.DataNode;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.metrics2.lib.DefaultMetricsSystem;

/** NameNode and DataNode in one JVM: the classes they share are loaded once. Ends when either ends. */
public final class Hdfs {
  private Hdfs() {}

  public static void main(String[] args) {
    try {
      Science.login();
      // Two daemons in one JVM register metrics of the same names.
      DefaultMetricsSystem.setMiniClusterMode(true);
      Configuration conf = new HdfsConfiguration();
      NameNode nameNode = NameNode.createNameNode(args, conf);
      DataNode dataNode = DataNode.createDataNode(args, conf);
      while (nameNode.isActiveState() && dataNode.isDatanodeUp()) {
        Thread.sleep(1000);
      }
      System.err.println("HDFS: the NameNode or the DataNode has ended");
    } catch (Throwable t) {
      t.printStackTrace();
    }
    Runtime.getRuntime().halt(1);
  }
}
